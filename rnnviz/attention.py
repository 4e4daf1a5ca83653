"""Attention: scores, weights, context."""
