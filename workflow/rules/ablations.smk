# The whole matrix: questions that models were never asked, what all runs scored, tests, tables.


# A dry run of the matrix also says what it would take, from the times of runs that are done.
if "ablations" in sys.argv and {"-n", "--dry-run", "--dryrun"} & set(sys.argv):
    lanes = max(1, (workflow.cores or 1) // STUDY.train.threads)
    # last, for the list of jobs before it is long
    atexit.register(
        print,
        "",
        expected(STUDY, Path(RESULTS), Path(COSTS), lanes),
        sep="\n",
        file=sys.stderr,
    )


# A run's probes in one process; what it never learnt, so nothing of its own is prepared anew.
rule probe:
    input:
        stores=lambda wildcards: stores(
            [STUDY.probe_store(name) for name in STUDY.probed()[wildcards.run]],
            [STUDY.evaluation.split],
        ),
        vectors=words("probes"),
        model=multiext(f"{RUN}/", "model.safetensors", "model.json"),
        vocabulary=f"{RUN}/vocabulary.arrow",
        card=f"{RUN}/card.json",
    output:
        f"{RUN}/probes.jsonl",
    log:
        f"{LOGS}/probe/{{run}}-seed{{seed}}.log",
    benchmark:
        f"{BENCHMARKS}/probe/{{run}}-seed{{seed}}.tsv"
    conda:
        "../envs/mqan.yaml"
    threads: STUDY.train.threads
    resources:
        mem_mb=MEMORY_MB,
        runtime=240,
        gpu=int(STUDY.train.device == "cuda"),
    params:
        study=STUDY_FILE,
        data=lambda wildcards: DATA,
        vectors=lambda wildcards, input: os.path.dirname(input.vectors[0]),
        folder=subpath(input.card, parent=True),
        probes=lambda wildcards: [
            STUDY.probes[p] for p in STUDY.probed()[wildcards.run]
        ],
        how=[STUDY.evaluation],
        code=step_digest("probe"),
    shell:
        "python -m mqan probe --study {params.study:q} --run-dir {params.folder:q} --data {params.data:q}"
        " --vectors {params.vectors:q} --threads {threads} --out {output:q} > {log:q} 2>&1"


rule score_probes:
    input:
        predictions=f"{RUN}/probes.jsonl",
        card=f"{RUN}/card.json",
    output:
        f"{RUN}/probe-scores.csv",
    log:
        f"{LOGS}/score_probes/{{run}}-seed{{seed}}.log",
    benchmark:
        f"{BENCHMARKS}/score_probes/{{run}}-seed{{seed}}.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        probes=lambda wildcards: [
            STUDY.probes[p] for p in STUDY.probed()[wildcards.run]
        ],
        code=step_digest("score_probes"),
    shell:
        "python -m mqan score_probes --study {params.study:q} --predictions {input.predictions:q}"
        " --card {input.card:q} --out {output:q} > {log:q} 2>&1"


rule scores:
    input:
        scores=score_files(MATRIX),
        units=score_files(MATRIX, "units", "arrow"),
        baselines=BASELINE_SCORES,
    output:
        SCORES_TABLE,
    log:
        f"{LOGS}/scores.log",
    benchmark:
        f"{BENCHMARKS}/scores.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.matrix.values()),
        code=step_digest("scores"),
    shell:
        "python -m mqan scores --study {params.study:q} --out {output:q} {input.scores:q}"
        " {input.baselines:q} > {log:q} 2>&1"


rule pointing:
    input:
        score_files(MATRIX, "predictions", "jsonl"),
    output:
        f"{RESULTS}/pointing.csv",
    log:
        f"{LOGS}/pointing.log",
    benchmark:
        f"{BENCHMARKS}/pointing.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.matrix.values()),
        code=step_digest("pointing"),
    shell:
        "python -m mqan pointing --study {params.study:q} --out {output:q} {input:q} > {log:q} 2>&1"


rule cards:
    input:
        [
            f"{run_folder(run, seed)}/card.json"
            for run in RUNS
            for seed in STUDY.seeds_of(run)
        ],
    output:
        report(
            f"{RESULTS}/runs.csv",
            caption="../report/cards.rst",
            category="Runs",
            labels={"table": "run cards"},
        ),
    log:
        f"{LOGS}/cards.log",
    benchmark:
        f"{BENCHMARKS}/cards.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        study=STUDY.study,
        code=step_digest("cards"),
    shell:
        "python -m mqan cards --out {output:q} {input:q} > {log:q} 2>&1"


rule curves:
    input:
        [
            f"{run_folder(run, seed)}/{name}"
            for run, seed in CURVES
            for name in ("train.jsonl", "card.json")
        ],
    output:
        f"{RESULTS}/curves.csv",
    log:
        f"{LOGS}/curves.log",
    benchmark:
        f"{BENCHMARKS}/curves.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        rows=list(STUDY.matrix.values()),
        folders=[run_folder(run, seed) for run, seed in CURVES],
        code=step_digest("curves"),
    shell:
        "python -m mqan curves --study {params.study:q} --out {output:q} {params.folders:q} > {log:q} 2>&1"


rule probes:
    input:
        files=[
            f"{run_folder(run, seed)}/probe-scores.csv"
            for run in STUDY.probed()
            for seed in STUDY.seeds_of(run)
        ],
        scores=SCORES_TABLE,
        sheet=PROBE_SHEET,
    output:
        f"{RESULTS}/probes.csv",
    log:
        f"{LOGS}/probes.log",
    benchmark:
        f"{BENCHMARKS}/probes.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        code=step_digest("probes"),
    shell:
        "python -m mqan probes --study {params.study:q} --sheet {input.sheet:q}"
        " --scores {input.scores:q} --out {output:q} {input.files:q} > {log:q} 2>&1"


# Every comparison of the source in one process: CSV, Markdown and LaTeX each.
rule comparisons:
    input:
        tables=TABLES_SHEET,
        scores=SCORES_TABLE,
        published=PUBLISHED,
        differences=f"{RESULTS}/differences.csv",
        probes=f"{RESULTS}/probes.csv" if STUDY.probes else [],
        probe_sheet=PROBE_SHEET,
        curves=f"{RESULTS}/curves.csv" if STUDY.transfers else [],
        transfer_sheet=TRANSFER_SHEET,
    output:
        csv=report(
            [f"{RESULTS}/tables/{name}.csv" for name in TABLES],
            caption="../report/comparisons.rst",
            category="Tables",
        ),
        others=[
            f"{RESULTS}/tables/{name}.{kind}"
            for name in TABLES
            for kind in ("md", "tex")
        ],
    log:
        f"{LOGS}/comparisons.log",
    benchmark:
        f"{BENCHMARKS}/comparisons.tsv"
    conda:
        "../envs/mqan.yaml"
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        study=STUDY_FILE,
        about=ABOUT,
        rows=list(STUDY.every_row.values()),
        out=lambda wildcards, output: os.path.dirname(output.csv[0]),
        probes=["--probes", f"{RESULTS}/probes.csv"] if STUDY.probes else [],
        curves=["--curves", f"{RESULTS}/curves.csv"] if STUDY.transfers else [],
        code=step_digest("comparisons"),
    shell:
        "python -m mqan comparisons --study {params.study:q} --tables {input.tables:q}"
        " --scores {input.scores:q} --published {input.published:q}"
        " --differences {input.differences:q} {params.probes:q} {params.curves:q}"
        " --probe-sheet {input.probe_sheet:q} --transfer-sheet {input.transfer_sheet:q}"
        " --out {params.out:q} > {log:q} 2>&1"


# A figure by its name: `snakemake figure_ladder`, or any of its files.
for NAME in FIGURES:

    rule:
        name:
            f"figure_{NAME}"
        input:
            figure_inputs(NAME),
        output:
            report(
                f"{RESULTS}/figures/{NAME}.svg",
                caption=f"../report/{NAME}.rst",
                category="Figures",
                labels={"figure": NAME.replace("_", " ")},
            ),
            [f"{RESULTS}/figures/{NAME}.{kind}" for kind in ("png", "pdf")],
        log:
            f"{LOGS}/figures/{NAME}.log",
        benchmark:
            f"{BENCHMARKS}/figures/{NAME}.tsv"
        conda:
            "../envs/mqan.yaml"
        resources:
            mem_mb=1500,
            runtime=30,
        params:
            study=STUDY_FILE,
            about=ABOUT,
            figure=NAME,
            results=lambda wildcards: RESULTS,
            published=lambda wildcards: PUBLISHED,
            rows=list(STUDY.matrix.values()),
            runs=[spec.digest for spec in RUNS.values()],
            out=lambda wildcards, output: [
                word for path in output for word in ("--out", path)
            ],
            code=step_digest("draw"),
        shell:
            "python -m mqan draw {params.figure:q} --study {params.study:q} --results {params.results:q}"
            " --published {params.published:q} {params.out:q} > {log:q} 2>&1"
