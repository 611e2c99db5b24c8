# The decathlon from corpora to table. This file is the table of contents:
#
#   snakemake --cores all results/decascore.csv            the default study, config/mini.yaml
#   snakemake --cores all --configfile config/smoke.yaml   another study, to results/smoke/
#   snakemake --cores all ablations                        every run of the study, scored
#   snakemake --cores all benchmarks                       how fast the parts are on this machine
#   snakemake --dry-run                                    what would be done; needs no data
#
# A study is one complete file (config/README.md); nothing is merged, so there is no `configfile:`.

from snakemake.utils import min_version

min_version("9.1")


include: "workflow/rules/sheets.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/benchmark.smk"


localrules:
    all,
    ablations,
    default_table,


# The table of the study; the default study's also stands at results/decascore.csv.
rule all:
    default_target: True
    input:
        TABLE,
        FIGURE,
        DEFAULT_TABLE if STUDY.study == DEFAULT else [],


rule ablations:
    input:
        TABLE,
        FIGURE,
        SCORES,
