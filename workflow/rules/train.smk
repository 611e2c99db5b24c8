# One job per run and seed. Checkpoints in mid-training are no declared output: Snakemake deletes
# those of a failed job, and the second try is meant to continue from them.

MEMORY_MB = {"tiny": 1500, "mini": 2000, "small": 6000, "paper": 16000}  # paper: 50,000 words


rule train:
    input:
        lambda wildcards: [store(task) for task in RUNS[wildcards.run].tasks],
        WORDS,
    output:
        multiext(
            run_folder("{run}", "{seed}"),
            "/model.safetensors",
            "/model.json",
            "/train.jsonl",
            "/card.json",
        ),
    log:
        f"{LOGS}/train/{{run}}-seed{{seed}}.log",
    benchmark:
        f"{BENCHMARKS}/train/{{run}}-seed{{seed}}.tsv"
    retries: 1
    conda:
        "../envs/mqan.yaml"
    threads: STUDY.train.threads
    resources:
        mem_mb=MEMORY_MB.get(STUDY.size, 16000),
        runtime=lambda wildcards: 30 + RUNS[wildcards.run].steps // 60,  # an update a second
        gpu=int(STUDY.train.device == "cuda"),
    params:
        spec=lambda wildcards: RUNS[wildcards.run].digest,
        out=run_folder("{run}", "{seed}"),
        checkpoints=f"{RESULTS}/checkpoints/{{run}}/seed{{seed}}",
        code=source_digest(
            "train/**/*.py",
            "model/**/*.py",
            "data/**/*.py",
            "metrics/**/*.py",
            "text/**/*.py",
            "tasks/task.py",
            "batch.py",
            "curriculum.py",
            "evaluate.py",
            "example.py",
        ),
    shell:
        "{MQAN} train --study {STUDY_FILE} --run {wildcards.run} --seed {wildcards.seed}"
        " --data {DATA} --out {params.out} --checkpoints {params.checkpoints}"
        " --threads {threads} > {log} 2>&1"
