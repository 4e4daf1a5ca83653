"""The shapes of sequence models, from N-to-N to encoder and decoder: each a module, a diagram, a small problem."""
