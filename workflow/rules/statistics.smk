# Which differences are real, which tasks move together, which claims hold: from finished scores.


rule differences:
    input:
        comparisons=os.path.relpath(ROOT / "config/comparisons.tsv"),
        units=UNITS,
    output:
        csv=f"{RESULTS}/differences.csv",
        markdown=f"{RESULTS}/differences.md",
    log:
        f"{LOGS}/differences.log",
    benchmark:
        f"{BENCHMARKS}/differences.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.table.values()),
        about=[STUDY.title, STUDY.data_label, STUDY.size],
        code=step_digest("differences"),
    shell:
        "python -m mqan differences --study {params.study:q} --comparisons {input.comparisons:q}"
        " --out {output.csv:q} --markdown {output.markdown:q} {input.units:q} > {log:q} 2>&1"


rule correlations:
    input:
        published=PUBLISHED,
        scores=SCORES,
    output:
        f"{RESULTS}/correlations.csv",
    log:
        f"{LOGS}/correlations.log",
    benchmark:
        f"{BENCHMARKS}/correlations.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.table.values()),
        code=step_digest("correlations"),
    shell:
        "python -m mqan correlations --study {params.study:q} --published {input.published:q}"
        " --out {output:q} {input.scores:q} > {log:q} 2>&1"


rule claims:
    input:
        claims=os.path.relpath(ROOT / "config/claims.yaml"),
        published=PUBLISHED,
        scores=SCORES,
    output:
        csv=f"{RESULTS}/claims.csv",
        markdown=f"{RESULTS}/claims.md",
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{BENCHMARKS}/claims.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.table.values()),
        about=[STUDY.title, STUDY.data_label, STUDY.size],
        code=step_digest("claims"),
    shell:
        "python -m mqan claims --study {params.study:q} --claims {input.claims:q}"
        " --published {input.published:q} --out {output.csv:q} --markdown {output.markdown:q}"
        " {input.scores:q} > {log:q} 2>&1"
