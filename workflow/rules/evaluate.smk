# Predictions of all tasks of a run in one process, and their scores; the trivial baselines.


rule predict:
    input:
        stores=lambda wildcards: stores(RUNS[wildcards.run].stores),
        vectors=words_of,
        model=f"{RUN}/model.safetensors",
        settings=f"{RUN}/model.json",
        vocabulary=f"{RUN}/vocabulary.arrow",
        card=f"{RUN}/card.json",
    output:
        f"{RUN}/predictions{{suffix}}.jsonl",
    log:
        f"{LOGS}/predict/{{run}}-seed{{seed}}{{suffix}}.log",
    benchmark:
        f"{BENCHMARKS}/predict/{{run}}-seed{{seed}}{{suffix}}.tsv"
    conda:
        "../envs/mqan.yaml"
    threads: STUDY.train.threads
    resources:
        mem_mb=MEMORY_MB,
        runtime=240,
        gpu=int(STUDY.train.device == "cuda"),
    params:
        data=lambda wildcards: DATA,
        vectors=lambda wildcards, input: os.path.dirname(input.vectors[0]),
        folder=subpath(input.model, parent=True),
        decode=lambda wildcards: wildcards.suffix.removeprefix(".") or "consistent",
        split=STUDY.evaluation.split,
        max_words=STUDY.evaluation.max_words,
        code=step_digest("predict"),
    shell:
        "python -m mqan predict --run-dir {params.folder:q} --data {params.data:q} --vectors {params.vectors:q}"
        " --split {params.split:q} --decode {params.decode:q} --max-words {params.max_words:q}"
        " --threads {threads} --out {output:q} > {log:q} 2>&1"


rule score:
    input:
        predictions=f"{RUN}/predictions{{suffix}}.jsonl",
        card=f"{RUN}/card.json",
    output:
        scores=f"{RUN}/scores{{suffix}}.csv",
        units=f"{RUN}/units{{suffix}}.arrow",
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
        code=step_digest("score"),
    shell:
        "python -m mqan score --predictions {input.predictions:q} --card {input.card:q}"
        " --out {output.scores:q} --units {output.units:q} > {log:q} 2>&1"


rule baselines:
    input:
        lambda wildcards: raw_files(STUDY.tasks),
        stores=stores(STUDY.tasks),
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
        study=STUDY_FILE,
        raw=RAW,
        data=lambda wildcards: DATA,
        split=STUDY.evaluation.split,
        wording=STUDY.wording,
        tasks=STUDY.tasks,
        code=step_digest("baselines"),
    shell:
        "python -m mqan baselines --study {params.study:q} --raw {params.raw:q}"
        " --data {params.data:q} --out {output:q} > {log:q} 2>&1"
