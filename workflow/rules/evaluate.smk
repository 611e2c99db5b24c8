# Predictions of all tasks of a run in one process, and their scores; the trivial baselines.


rule predict:
    input:
        lambda wildcards: [store(task) for task in RUNS[wildcards.run].tasks],
        WORDS,
        model=f"{run_folder('{run}', '{seed}')}/model.safetensors",
        settings=f"{run_folder('{run}', '{seed}')}/model.json",
        card=f"{run_folder('{run}', '{seed}')}/card.json",
    output:
        f"{run_folder('{run}', '{seed}')}/predictions{{suffix}}.jsonl",
    log:
        f"{LOGS}/predict/{{run}}-seed{{seed}}{{suffix}}.log",
    benchmark:
        f"{BENCHMARKS}/predict/{{run}}-seed{{seed}}{{suffix}}.tsv"
    conda:
        "../envs/mqan.yaml"
    threads: STUDY.train.threads
    resources:
        mem_mb=MEMORY_MB.get(STUDY.size, 16000),
        runtime=240,
        gpu=int(STUDY.train.device == "cuda"),
    params:
        decode=lambda wildcards: wildcards.suffix.removeprefix(".") or "consistent",
        split=STUDY.evaluation.split,
        max_words=STUDY.evaluation.max_words,
        code=source_digest(
            "model/**/*.py", "data/**/*.py", "text/**/*.py", "batch.py", "evaluate.py", "example.py"
        ),
    shell:
        "{MQAN} predict --study {STUDY_FILE} --run-dir $(dirname {input.model}) --data {DATA}"
        " --split {params.split} --decode {params.decode} --max-words {params.max_words}"
        " --threads {threads} --out {output} > {log} 2>&1"


rule score:
    input:
        predictions=f"{run_folder('{run}', '{seed}')}/predictions{{suffix}}.jsonl",
        card=f"{run_folder('{run}', '{seed}')}/card.json",
    output:
        f"{run_folder('{run}', '{seed}')}/scores{{suffix}}.csv",
    log:
        f"{LOGS}/score/{{run}}-seed{{seed}}{{suffix}}.log",
    benchmark:
        f"{BENCHMARKS}/score/{{run}}-seed{{seed}}{{suffix}}.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        code=source_digest("metrics/**/*.py", "tasks/**/*.py", "evaluate.py"),
    shell:
        "{MQAN} score --predictions {input.predictions} --card {input.card}"
        " --out {output} > {log} 2>&1"


rule baselines:
    input:
        [raw_files(task) for task in STUDY.tasks],
    output:
        f"{RESULTS}/baselines.csv",
    log:
        f"{LOGS}/baselines.log",
    benchmark:
        f"{BENCHMARKS}/baselines.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=120,
    params:
        split=STUDY.evaluation.split,
        wording=STUDY.wording,
        tasks=STUDY.tasks,
        code=source_digest("metrics/**/*.py", "tasks/**/*.py", "text/tokenize.py", "evaluate.py"),
    shell:
        "{MQAN} baselines --study {STUDY_FILE} --raw {RAW} --out {output} > {log} 2>&1"
