# Which differences are real, which tasks move together, which claims hold: from finished scores.


# Which differences between rows are real, on the same examples and seeds.
rule differences:
    input:
        units=score_files(MATRIX, "units", "arrow"),
        comparisons=COMPARISONS,
    output:
        csv=report(
            f"{RESULTS}/differences.csv",
            caption="../report/differences.rst",
            category="Tests",
            labels={"table": "differences between rows"},
        ),
        markdown=f"{RESULTS}/differences.md",
    log:
        f"{LOGS}/differences.log",
    benchmark:
        f"{BENCHMARKS}/differences.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        study=STUDY_FILE,
        about=ABOUT,
        rows=list(STUDY.matrix.values()),
        code=step_digest("differences"),
    shell:
        "python -m mqan differences --study {params.study:q} --comparisons {input.comparisons:q}"
        " --out {output.csv:q} --markdown {output.markdown:q} {input.units:q} > {log:q} 2>&1"


rule correlations:
    input:
        scores=score_files(MATRIX),
        published=PUBLISHED,
    output:
        f"{RESULTS}/correlations.csv",
    log:
        f"{LOGS}/correlations.log",
    benchmark:
        f"{BENCHMARKS}/correlations.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.matrix.values()),
        code=step_digest("correlations"),
    shell:
        "python -m mqan correlations --study {params.study:q} --published {input.published:q}"
        " --out {output:q} {input.scores:q} > {log:q} 2>&1"


# What the paper and the lecture claim, tested on this study.
rule claims:
    input:
        scores=score_files(MATRIX),
        claims=CLAIMS,
        published=PUBLISHED,
    output:
        csv=report(
            f"{RESULTS}/claims.csv",
            caption="../report/claims.rst",
            category="Tests",
            labels={"table": "claims of the source"},
        ),
        markdown=f"{RESULTS}/claims.md",
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{BENCHMARKS}/claims.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        about=ABOUT,
        rows=list(STUDY.matrix.values()),
        code=step_digest("claims"),
    shell:
        "python -m mqan claims --study {params.study:q} --claims {input.claims:q}"
        " --published {input.published:q} --out {output.csv:q} --markdown {output.markdown:q}"
        " {input.scores:q} > {log:q} 2>&1"
