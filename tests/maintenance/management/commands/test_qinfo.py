"""`qinfo` never prints the configuration of the queue, which has SECRET_KEY in clear."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands


def test_the_command_is_ours():
    assert get_commands()["qinfo"] == get_commands()["qcluster"] == "maintenance"


@pytest.mark.parametrize("options", [["--config"], ["--conf"], ["--config", "--ids"]], ids=str)
def test_the_configuration_is_refused_in_one_sentence(capsys, options):
    out, err = StringIO(), StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("qinfo", *options, stdout=out, stderr=err)

    assert ended.value.code == 2
    assert err.getvalue().count("\n") == 1
    assert "--config is refused" in err.getvalue()
    said = "".join([out.getvalue(), err.getvalue(), *capsys.readouterr()])
    assert settings.SECRET_KEY
    assert settings.SECRET_KEY not in said
