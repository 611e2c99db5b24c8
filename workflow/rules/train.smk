# One job per run and seed. Checkpoints in mid-training are no declared output: Snakemake deletes
# those of a failed job, and the second try is meant to continue from them. Their folder is named after
# what a run must have in common with them: another specification, code or number of threads starts
# from zero in a folder of its own.


rule train:
    input:
        stores=lambda wildcards: stores(RUNS[wildcards.run].stores),
        vectors=words_of,
        start=start_of,
        mtlstm=lambda wildcards: mtlstm_of(wildcards.run),
    output:
        f"{RUN}/model.safetensors",
        f"{RUN}/model.json",
        f"{RUN}/vocabulary.arrow",
        f"{RUN}/train.jsonl",
        f"{RUN}/card.json",
    log:
        f"{LOGS}/train/{{run}}-seed{{seed}}.log",
    benchmark:
        f"{BENCHMARKS}/train/{{run}}-seed{{seed}}.tsv"
    retries: 1
    conda:
        "../envs/mqan.yaml"
    threads: STUDY.train.threads
    resources:
        mem_mb=MEMORY_MB,
        runtime=lambda wildcards: 30 + RUNS[wildcards.run].steps // 60,  # an update a second
        gpu=int(STUDY.train.device == "cuda"),
    params:
        study=STUDY_FILE,
        data=lambda wildcards: DATA,
        vectors=lambda wildcards, input: os.path.dirname(input.vectors[0]),
        start=lambda wildcards, input: [
            word
            for path in input.start[:1]
            for word in ("--start", os.path.dirname(path))
        ],
        spec=lambda wildcards: RUNS[wildcards.run].digest,
        out=subpath(output[0], parent=True),
        checkpoints=checkpoint_folder,
        mtlstm=lambda wildcards: (
            ["--mtlstm", str(Path(MTLSTM[0]).parent)]
            if mtlstm_of(wildcards.run)
            else []
        ),
        code=step_digest("train"),
    shell:
        "python -m mqan train --study {params.study:q} --run {wildcards.run:q} --seed {wildcards.seed:q}"
        " --data {params.data:q} --vectors {params.vectors:q} {params.start:q} --out {params.out:q}"
        " --checkpoints {params.checkpoints:q}{threads}"
        " --threads {threads} {params.mtlstm:q} > {log:q} 2>&1"


# The frozen part of every run with CoVe: trained once for a study, or taken from the published file.
if STUDY.cove:

    rule mtlstm:
        input:
            mtlstm_inputs(),
        output:
            MTLSTM,
        log:
            f"{LOGS}/mtlstm.log",
        benchmark:
            f"{BENCHMARKS}/mtlstm.tsv"
        retries: 1
        conda:
            "../envs/mqan.yaml"
        threads: STUDY.train.threads
        resources:
            mem_mb=MEMORY_MB,
            runtime=30 + (STUDY.cove.steps or 0) // 60,
            gpu=int(STUDY.train.device == "cuda"),
        params:
            study=STUDY_FILE,
            raw=RAW,
            data=lambda wildcards: DATA,
            out=subpath(output[0], parent=True),
            checkpoints=mtlstm_checkpoints,
            settings=[STUDY.cove, STUDY.limits, STUDY.vocabulary, STUDY.train.precision],
            code=step_digest("mtlstm"),
        shell:
            "python -m mqan mtlstm --study {params.study:q} --raw {params.raw:q} --data {params.data:q}"
            " --out {params.out:q} --checkpoints {params.checkpoints:q}{threads} --threads {threads}"
            " > {log:q} 2>&1"
