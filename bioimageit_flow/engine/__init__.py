"""The engine: plan, scheduler, runner, recorder."""
