# What the fast parts are worth on this machine: `snakemake --cores all benchmarks`. Needs the
# packages of mqan[test]; runs on a GPU where torch finds one. The gate is CI's, not the workflow's:
# ratios that miss it are listed in the log.

from mqan.study import source_digest

TESTS = ROOT / "tests"
SUITE = sorted(map(os.path.relpath, TESTS.glob("benchmarks/test_*.py")))
SUITE_IMPORTS = sorted(
    {*map(os.path.relpath, TESTS.glob("benchmarks/*.py"))} - {*SUITE}
    | {*map(os.path.relpath, TESTS.glob("reference/original_*.py"))}
)


PUBLISHED_SPEED = os.path.relpath(ROOT / "config/published_speed.csv")
DRAWN_WITH = [f"report/figures/{name}.py" for name in ("frames", "style", "text")]
SPEED_FIGURES = {
    name: [f"results/benchmarks/{name}.{kind}" for kind in ("svg", "png", "pdf")]
    for name in ("roofline", "throughput")
}


rule micro:
    input:
        suite=SUITE,
        rest=SUITE_IMPORTS,
    output:
        csv="results/benchmarks/micro.csv",
        markdown=report(
            "results/benchmarks/micro.md",
            caption="../report/benchmarks.rst",
            category="Benchmarks",
        ),
    log:
        "results/logs/benchmarks.log",
    benchmark:
        "results/benchmarks/micro.tsv"
    conda:
        "../envs/benchmark.yaml"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=30,
        gpu=int(STUDY.train.device == "cuda"),
    params:
        code=source_digest("model/**/*.py", "train/**/*.py", "data/batches.py"),
    shell:
        "(python -m pytest -p no:cacheprovider --benchmark-only {input.suite:q}"
        " --bench-no-gate --bench-threads {threads} --bench-out {output.csv:q}"
        " && python -m mqan benchmarks --results {output.csv:q} --out {output.markdown:q})"
        " > {log:q} 2>&1"


rule scale:
    output:
        "results/benchmarks/scale.csv",
    log:
        "results/logs/scale.log",
    benchmark:
        "results/benchmarks/scale.tsv"
    conda:
        "../envs/mqan.yaml"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=60,
        gpu=int(STUDY.train.device == "cuda"),
    params:
        code=source_digest("model/**/*.py", "train/**/*.py", "scale.py"),
    shell:
        "python -m mqan scale --threads {threads} --out {output:q} > {log:q} 2>&1"


# Both figures from the files alone.
rule roofline:
    input:
        rules.micro.output.csv,
    output:
        report(
            SPEED_FIGURES["roofline"][0],
            caption="../report/roofline.rst",
            category="Benchmarks",
        ),
        SPEED_FIGURES["roofline"][1:],
    log:
        "results/logs/roofline.log",
    benchmark:
        "results/benchmarks/roofline.tsv"
    conda:
        "../envs/mqan.yaml"
    params:
        out=[word for path in SPEED_FIGURES["roofline"] for word in ("--out", path)],
        code=source_digest(
            "report/benchmarks.py", *DRAWN_WITH, "report/figures/roofline.py"
        ),
    shell:
        "python -m mqan roofline --results {input:q} {params.out:q} > {log:q} 2>&1"


rule throughput:
    input:
        scale=rules.scale.output,
        published=PUBLISHED_SPEED,
    output:
        report(
            SPEED_FIGURES["throughput"][0],
            caption="../report/throughput.rst",
            category="Benchmarks",
        ),
        SPEED_FIGURES["throughput"][1:],
    log:
        "results/logs/throughput.log",
    benchmark:
        "results/benchmarks/throughput.tsv"
    conda:
        "../envs/mqan.yaml"
    params:
        out=[word for path in SPEED_FIGURES["throughput"] for word in ("--out", path)],
        code=source_digest(
            "report/benchmarks.py", *DRAWN_WITH, "report/figures/throughput.py"
        ),
    shell:
        "python -m mqan throughput --results {input.scale:q} --published {input.published:q}"
        " {params.out:q} > {log:q} 2>&1"


# How planning grows with the number of runs, and preparing data with the corpora. It uses one
# thread, and asks for more so that on a small machine no other job is in its times.
rule growth:
    output:
        csv="results/benchmarks/growth.csv",
        markdown=report(
            "results/benchmarks/growth.md",
            caption="../report/growth.rst",
            category="Benchmarks",
        ),
    log:
        "results/logs/growth.log",
    benchmark:
        "results/benchmarks/growth.tsv"
    conda:
        "../envs/mqan.yaml"
    threads: 8
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=source_digest("growth.py", "study/*.py", "data/prepare.py", "mini/**/*.py"),
    shell:
        "python -m mqan growth --out {output.csv:q} --markdown {output.markdown:q} > {log:q} 2>&1"
