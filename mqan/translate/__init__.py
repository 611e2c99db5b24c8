"""The MT-LSTM of CoVe: the encoder of an English-German translator, trained here or read from the
published file, and the folder that keeps it. Called by the commands `mtlstm` and `train`.
"""
