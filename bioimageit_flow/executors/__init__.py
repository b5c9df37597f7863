"""What carries jobs to machines: this machine, or a cluster engine."""
