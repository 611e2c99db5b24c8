# Corpora in official formats -> tokenised stores -> the study's word list and vectors.

from mqan.tasks import TASKS


def raw_files(task):
    """What a task is read from: the embedded corpora, or those official files that are there.

    Files that are missing are left to `mqan prepare`, whose message says what to do, so that a dry
    run needs no data.
    """
    if STUDY.data.mini:
        return [f"{RAW}/mini.json"]
    folder = Path(RAW) / TASKS[task].directory
    names = [name for split in STUDY.splits for name in TASKS[task].splits[split]]
    return [str(folder / name) for name in names if (folder / name).is_file()]


if STUDY.data.mini:

    rule mini:
        output:
            f"{RAW}/mini.json",
        log:
            f"{LOGS}/mini.log",
        benchmark:
            f"{BENCHMARKS}/mini.tsv"
        conda:
            "../envs/mqan.yaml"
        resources:
            mem_mb=1000,
            runtime=60,
        params:
            data=STUDY.data.mini,
            code=source_digest("mini/**/*.py", "atomic.py"),
        shell:
            "{MQAN} mini --out {RAW} --seed {params.data.seed} --size {params.data.size} > {log} 2>&1"


rule prepare:
    input:
        lambda wildcards: raw_files(wildcards.task),
    output:
        store("{task}"),
    log:
        f"{LOGS}/prepare/{{task}}.log",
    benchmark:
        f"{BENCHMARKS}/prepare/{{task}}.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        splits=" ".join(f"--split {split}" for split in STUDY.splits),
        wording=STUDY.wording,
        code=source_digest("tasks/**/*.py", "text/tokenize.py", "data/store.py", "example.py"),
    shell:
        "{MQAN} prepare --raw {RAW} --task {wildcards.task} {params.splits}"
        " --wording {params.wording} --out {DATA}/{wildcards.task} > {log} 2>&1"


rule vectors:
    input:
        [store(task) for task in STUDY.tasks],
    output:
        WORDS,
    log:
        f"{LOGS}/vectors.log",
    benchmark:
        f"{BENCHMARKS}/vectors.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        vectors=STUDY.vectors,
        splits=STUDY.vocabulary.splits,
        code=source_digest("text/**/*.py", "data/store.py", "example.py"),
    shell:
        "{MQAN} vectors --study {STUDY_FILE} --raw {RAW} --data {DATA} --out {DATA} > {log} 2>&1"
