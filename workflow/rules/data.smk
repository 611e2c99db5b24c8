# Corpora in official formats -> tokenised stores -> the study's word list and vectors.

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
            raw=subpath(output[0], parent=True),
            data=STUDY.data.mini,
            code=step_digest("mini"),
        shell:
            "python -m mqan mini --out {params.raw:q} --seed {params.data.seed:q}"
            " --size {params.data.size:q} > {log:q} 2>&1"


rule prepare:
    input:
        lambda wildcards: raw_files([wildcards.task]),
    output:
        stores(["{task}"]),
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
        raw=RAW,
        out=subpath(output[0], parent=True),
        splits=[word for split in STUDY.splits for word in ("--split", split)],
        wording=STUDY.wording,
        code=lambda wildcards: step_digest("prepare", wildcards.task),
    shell:
        "python -m mqan prepare --raw {params.raw:q} --task {wildcards.task:q} {params.splits:q}"
        " --wording {params.wording:q} --out {params.out:q} > {log:q} 2>&1"


# Also records whose the folder is; that is no output, so that removing it makes nothing stale.
rule vectors:
    input:
        stores(STUDY.tasks),
        vector_files(),
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
        study=STUDY_FILE,
        raw=RAW,
        record=RECORD,
        data=subpath(output[0], parent=True),
        vectors=STUDY.vectors,
        splits=STUDY.splits,
        code=step_digest("vectors"),
    shell:
        "python -m mqan vectors --study {params.study:q} --raw {params.raw:q}"
        " --data {params.data:q} --out {params.data:q} --record {params.record:q} > {log:q} 2>&1"
