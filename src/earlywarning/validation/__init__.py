"""Would the flags have warned of what happened? Replay, outcomes, baselines and figures."""
