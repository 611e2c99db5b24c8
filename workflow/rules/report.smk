# The decathlon table of the study, beside the published numbers.

PUBLISHED = os.path.relpath(ROOT / "config/published.csv")


def only_for_the_default_study(wildcards):
    """What results/decascore.csv is copied from; other studies have no table of that name."""
    if STUDY.study != DEFAULT:
        raise WorkflowError(
            f"results/decascore.csv is the table of the default study, {DEFAULT}; "
            f"the table of study {STUDY.study} is {RESULTS}/decascore.csv"
        )
    return {"csv": f"{RESULTS}/decascore.csv", "markdown": f"{RESULTS}/decascore.md"}


rule table:
    input:
        scores=SCORES,
        baselines=[f"{RESULTS}/baselines.csv" for row in STUDY.table.values() if not row.trains],
        published=PUBLISHED,
    output:
        csv=report(TABLE[0], caption="../report/decascore.rst", category="Decathlon"),
        long=report(TABLE[1], caption="../report/decascore_long.rst", category="Decathlon"),
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
        rows=list(STUDY.table.values()),
        study=[STUDY.title, STUDY.data_label, STUDY.size],
        code=source_digest("report/**/*.py"),
    shell:
        "{MQAN} table --study {STUDY_FILE} --published {input.published} --out {output.csv}"
        " --long {output.long} --markdown {output.markdown}"
        " {input.scores} {input.baselines} > {log} 2>&1"


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
        "(cp {input.csv} {output.csv} && cp {input.markdown} {output.markdown}) > {log} 2>&1"
