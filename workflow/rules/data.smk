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
            data=[STUDY.data.mini.seed, STUDY.data.mini.size],
            code=step_digest("mini"),
        shell:
            "python -m mqan mini --out {params.raw:q} --seed {params.data[0]:q}"
            " --size {params.data[1]:q} > {log:q} 2>&1"


rule prepare:
    input:
        lambda wildcards: raw_files([corpus_of(wildcards)]),
    output:
        stores(["{store}"]),
    log:
        f"{LOGS}/prepare/{{store}}.log",
    benchmark:
        f"{BENCHMARKS}/prepare/{{store}}.tsv"
    wildcard_constraints:
        store="|".join(map(re.escape, STORES)),
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        raw=RAW,
        task=corpus_of,
        out=subpath(output[0], parent=True),
        splits=[word for split in SPLITS for word in ("--split", split)],
        wording=wording_of,
        reworded=rewording_of,
        code=prepare_digest,
    shell:
        "python -m mqan prepare --raw {params.raw:q} --task {params.task:q} {params.splits:q}"
        " --wording {params.wording:q} --out {params.out:q} > {log:q} 2>&1"


# What probes ask: the evaluated split alone, for nothing learns from them.
use rule prepare as prepare_probe with:
    output:
        stores(["{store}"], [STUDY.evaluation.split]),
    wildcard_constraints:
        store="|".join(map(re.escape, PROBE_STORES)) or "none",
    params:
        raw=RAW,
        task=corpus_of,
        out=subpath(output[0], parent=True),
        splits=["--split", STUDY.evaluation.split],
        wording=wording_of,
        reworded=rewording_of,
        code=prepare_digest,


# Also records whose the folder is; that is no output, so that removing it makes nothing stale.
rule vectors:
    input:
        stores(STUDY.tasks),
        vector_files(),
    output:
        words(""),
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
        data=lambda wildcards: DATA,
        out=subpath(output[0], parent=True),
        stores=[],
        vectors=STUDY.vectors,
        splits=SPLITS,
        code=step_digest("vectors"),
    shell:
        "python -m mqan vectors --study {params.study:q} --raw {params.raw:q} {params.stores:q}"
        " --data {params.data:q} --out {params.out:q} --record {params.record:q} > {log:q} 2>&1"


# For what is read besides the study's tasks. In tables of their own, so that one more probe or
# corpus changes nothing that the study's own runs depend on.
use rule vectors as further_vectors with:
    input:
        stores(STUDY.tasks),
        vector_files(),
        lambda wildcards: stores(FURTHER[wildcards.table], splits_of(wildcards.table)),
    output:
        words("{table}"),
    log:
        f"{LOGS}/vectors-{{table}}.log",
    benchmark:
        f"{BENCHMARKS}/vectors-{{table}}.tsv"
    params:
        study=STUDY_FILE,
        raw=RAW,
        record=RECORD,
        data=lambda wildcards: DATA,
        out=subpath(output[0], parent=True),
        stores=lambda wildcards: [
            word for store in FURTHER[wildcards.table] for word in ("--store", store)
        ],
        vectors=STUDY.vectors,
        splits=lambda wildcards: splits_of(wildcards.table),
        code=step_digest("vectors"),
