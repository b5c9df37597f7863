from pathlib import Path

from bioimageit_flow.runtimes.usage import Usage


def test_control_groups_version_1(tmp_path: Path) -> None:
    memory, cpu = tmp_path / "memory.max_usage_in_bytes", tmp_path / "cpuacct.usage"
    kills = tmp_path / "memory.oom_control"
    memory.write_text("1048576\n", "ascii")
    cpu.write_text("1500000000\n", "ascii")
    kills.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "ascii")
    usage = Usage(memory, cpu, kills)
    usage.sample()
    assert (usage.peak_memory, usage.cpu_s) == (1048576, 1.5)
    assert not usage.is_short_of_memory
    kills.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "ascii")
    usage.sample()
    assert usage.is_short_of_memory


def test_control_groups_version_2(tmp_path: Path) -> None:
    memory, cpu = tmp_path / "memory.peak", tmp_path / "cpu.stat"
    memory.write_text("2097152\n", "ascii")
    cpu.write_text("usage_usec 2500000\nuser_usec 2000000\n", "ascii")
    kills = tmp_path / "memory.events"
    kills.write_text("low 0\noom 4\noom_kill 1\noom_group_kill 0\n", "ascii")
    usage = Usage(memory, cpu, kills)
    usage.sample()
    assert (usage.peak_memory, usage.cpu_s) == (2097152, 2.5)
    assert usage.is_short_of_memory


def test_last_values_stay_when_the_group_is_gone(tmp_path: Path) -> None:
    memory = tmp_path / "memory.peak"
    memory.write_text("7\n", "ascii")
    usage = Usage(memory, tmp_path / "never-there")
    usage.sample()
    memory.unlink()
    usage.sample()
    assert (usage.peak_memory, usage.cpu_s) == (7, None)


def test_process_of_another_kernel_tells_nothing() -> None:
    usage = Usage.of_process(1, "a" * 64)
    usage.sample()
    assert usage == Usage()
