"""The gallery of architectures."""
