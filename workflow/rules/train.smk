# One job per run and seed. Checkpoints in mid-training are no declared output: Snakemake deletes
# those of a failed job, and the second try is meant to continue from them. Their folder is named after
# what a run must have in common with them: another specification, code or number of threads starts
# from zero in a folder of its own.


rule train:
    input:
        stores=lambda wildcards: stores(RUNS[wildcards.run].stores),
        vectors=words_of,
        start=start_of,
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
        code=step_digest("train"),
    shell:
        "python -m mqan train --study {params.study:q} --run {wildcards.run:q} --seed {wildcards.seed:q}"
        " --data {params.data:q} --vectors {params.vectors:q} {params.start:q} --out {params.out:q} --checkpoints {params.checkpoints:q}{threads}"
        " --threads {threads} > {log:q} 2>&1"
