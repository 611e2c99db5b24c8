# The decathlon table of the study, beside the published numbers.


rule table:
    input:
        scores=SCORES,
        baselines=BASELINE_SCORES,
        published=PUBLISHED,
    output:
        csv=report(TABLE[0], caption="../report/decascore.rst", category="Decathlon"),
        long=report(
            TABLE[1], caption="../report/decascore_long.rst", category="Decathlon"
        ),
        markdown=TABLE[2],
    log:
        f"{LOGS}/table.log",
    benchmark:
        f"{BENCHMARKS}/table.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.table.values()),
        about=[STUDY.title, STUDY.data_label, STUDY.size],
        code=step_digest("table"),
    shell:
        "python -m mqan table --study {params.study:q} --published {input.published:q} --out {output.csv:q}"
        " --long {output.long:q} --markdown {output.markdown:q}"
        " {input.scores:q} {input.baselines:q} > {log:q} 2>&1"


rule figure:
    input:
        TABLE[1],
    output:
        report(FIGURE[0], caption="../report/strategies.rst", category="Decathlon"),
        FIGURE[1:],
    log:
        f"{LOGS}/figure.log",
    benchmark:
        f"{BENCHMARKS}/figure.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        study=STUDY_FILE,
        out=[word for path in FIGURE for word in ("--out", path)],
        code=step_digest("figure"),
    shell:
        "python -m mqan figure --study {params.study:q} --table {input:q} {params.out:q} > {log:q} 2>&1"


rule default_table:
    input:
        unpack(only_for_the_default_study),
    output:
        csv=DEFAULT_TABLE[0],
        markdown=DEFAULT_TABLE[1],
    log:
        "results/logs/default_table.log",
    benchmark:
        "results/benchmarks/default_table.tsv"
    conda:
        "../envs/mqan.yaml"
    shell:
        "(cp {input.csv:q} {output.csv:q} && cp {input.markdown:q} {output.markdown:q}) > {log:q} 2>&1"
