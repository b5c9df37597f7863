import os
from pathlib import Path

import pytest

from bioimageit_flow.runtimes.package_index import is_without_index, uv_variables


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user without any configuration."""
    return {"HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}


def test_settings_of_pip_are_handed_on(environ: dict[str, str]) -> None:
    environ |= {
        "PIP_INDEX_URL": "https://mirror.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://a.example\n https://b.example",
        "PIP_FIND_LINKS": "/wheels /more",
        "PIP_CERT": "/etc/company.pem",
        "PIP_TRUSTED_HOST": "mirror.example",
    }
    found = uv_variables(environ)
    assert found["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert found["UV_INDEX"] == "https://a.example https://b.example"
    assert found["UV_FIND_LINKS"] == "/wheels,/more"
    assert found["SSL_CERT_FILE"] == "/etc/company.pem"
    assert found["UV_INSECURE_HOST"] == "mirror.example"


@pytest.mark.parametrize("own", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_uv_was_told_comes_first(own: str, environ: dict[str, str]) -> None:
    environ |= {"PIP_INDEX_URL": "https://pip.example", own: "https://uv.example"}
    found = uv_variables(environ)
    assert found[own] == "https://uv.example"
    assert "https://pip.example" not in (
        found.get("UV_DEFAULT_INDEX"),
        found.get("UV_INDEX_URL"),
    )


def test_configuration_files_of_pip_are_read(tmp_path: Path) -> None:
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    text = "[global]\nindex-url = https://user.example\nfind-links =\n    /a\n    /b\n"
    (tmp_path / ".config" / "pip" / "pip.conf").write_text(text, "utf-8")
    named = tmp_path / "named.conf"
    named.write_text("[global]\nindex-url = https://named.example\n", "utf-8")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(named)}
    found = uv_variables(environ)
    assert found["UV_DEFAULT_INDEX"] == "https://named.example"
    if os.name == "posix":
        assert found["UV_FIND_LINKS"] == "/a,/b"


def test_variable_of_pip_wins_over_its_files(tmp_path: Path) -> None:
    named = tmp_path / "named.conf"
    named.write_text("[global]\nindex-url = https://file.example\n", "utf-8")
    environ = {
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": str(named),
        "PIP_INDEX_URL": "https://variable.example",
    }
    assert uv_variables(environ)["UV_DEFAULT_INDEX"] == "https://variable.example"


@pytest.mark.parametrize("text", ["no section", "[global\n", "\x00"])
def test_broken_configuration_file_says_nothing(text: str, tmp_path: Path) -> None:
    named = tmp_path / "named.conf"
    named.write_text(text, "utf-8")
    uv_variables({"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(named)})


def test_other_interpreters_and_projects_are_forgotten(
    environ: dict[str, str],
) -> None:
    environ |= {"VIRTUAL_ENV": "/venv", "PYTHONPATH": "/lib", "UV_PYTHON": "3.8"}
    environ["https_proxy"] = "http://proxy.example:3128"
    found = uv_variables(environ)
    assert not {"VIRTUAL_ENV", "PYTHONPATH", "UV_PYTHON"} & set(found)
    assert found["https_proxy"] == "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("said", "is_told"), [("1", True), ("true", True), ("0", False)]
)
def test_no_index_is_no_index(
    said: str, is_told: bool, environ: dict[str, str], tmp_path: Path
) -> None:
    assert not is_without_index(environ)
    assert is_without_index(environ | {"PIP_NO_INDEX": said}) is is_told
    named = tmp_path / "named.conf"
    named.write_text(f"[install]\nno-index = {said}\n", "utf-8")
    assert is_without_index(environ | {"PIP_CONFIG_FILE": str(named)}) is is_told
