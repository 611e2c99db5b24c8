# The decathlon from corpora to table. This file is the table of contents:
#
#   snakemake --cores all results/decascore.csv            the default study, config/mini.yaml
#   snakemake --cores all --configfile config/smoke.yaml   another study, to results/smoke/
#   snakemake --cores all ablations                        the whole matrix, its tables and figures
#   snakemake --cores all figures                          the figures alone, or figure_ladder, ...
#   snakemake --report results/report.html                 one page with all that is there
#   snakemake --cores all benchmarks                       how fast the parts are on this machine
#   snakemake --cores all growth                           what planning and preparing take, by size
#   snakemake --dry-run                                    what would be done; needs no data
#
# A study is one complete file (config/README.md); nothing is merged, so there is no `configfile:`.

from snakemake.utils import min_version

min_version("9.1")


report: "workflow/report/workflow.rst"


include: "workflow/rules/sheets.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/ablations.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/benchmark.smk"


localrules:
    all,
    ablations,
    figures,
    default_table,
    benchmarks,


# The table of the study; the default study's also stands at results/decascore.csv.
rule all:
    default_target: True
    input:
        TABLE,
        FIGURE,
        DEFAULT_TABLE if STUDY.study == DEFAULT else [],
        MATRIX_FILES if REPORTS and os.path.exists(SCORES_TABLE) else [],


# The study's whole matrix: every run, what it was asked, tests, tables and figures.
rule ablations:
    input:
        TABLE,
        FIGURE,
        DEFAULT_TABLE if STUDY.study == DEFAULT else [],
        only_with_a_model(MATRIX_FILES),


rule figures:
    input:
        FIGURE,
        only_with_a_model(FIGURE_FILES),


# How fast the parts are on this machine: a table and two figures.
rule benchmarks:
    input:
        rules.micro.output,
        SPEED_FIGURES.values(),
