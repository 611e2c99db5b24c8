"""Text as the model sees it: tokens, word numbers, fixed word vectors. No torch."""
