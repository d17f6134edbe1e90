"""What does looking back find on real English data? Written for the docs page of that name."""
