"""The Multitask Question Answering Network (paper, section 3): one core, every ablation a row.

Read in the order config, mqan, embedding, recurrent, cove, coattention, norm, attention, encoder,
recurrence, decoder, mixture, choice, search; dropout, blocks and streams only make the others
faster. Axis letters used throughout: B batch, C context length, Q question length, L length of any
text, T decoder steps, D model width, V generable words, N real answer tokens of a batch. Masks are
True where a token is real.
"""
