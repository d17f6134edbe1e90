"""Was it right? Flags as they would have stood, set against what then happened."""
