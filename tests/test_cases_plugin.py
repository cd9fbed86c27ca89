import pytest
from django.conf import settings

pytest_plugins = ["pytester"]

CASES = """id,area,given,when,then,note
MI-001,create,,,,
MI-002,create,,,,
XS-010,cancel,,,,
"""


@pytest.fixture
def project(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(settings.BASE_DIR))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makefile(
        ".csv", conformance=CASES, deviations="id,reason\nXS-010,Each cancellation has its own cause.\n"
    )
    pytester.makeini("""
        [pytest]
        conformance = conformance.csv
        deviations = deviations.csv
        addopts = -p tests.plugins.cases -p xdist --strict-markers
    """)
    pytester.makepyfile(
        test_some="""
        import pytest

        @pytest.mark.case("MI-001")
        def test_covers():
            raise AssertionError("ran")
        """
    )
    return pytester


class TestCases:
    def test_runs_nothing_and_counts_by_area(self, project):
        result = project.runpytest_subprocess("--cases")
        assert result.ret == 0
        result.stdout.fnmatch_lines(
            [
                "area * covered * open * deviating",
                "cancel * 0 * 0 * 1",
                "create * 1 * 1 * 0",
                "all * 1 * 1 * 1",
                "open in create: MI-002",
            ]
        )

    def test_counts_the_same_with_several_workers_asked_for(self, project):
        result = project.runpytest_subprocess("--cases", "-n", "2")
        assert result.ret == 0
        result.stdout.fnmatch_lines(["all * 1 * 1 * 1"])

    @pytest.mark.parametrize("mark", ["skip", "xfail"])
    def test_does_not_count_a_test_that_proves_nothing(self, project, mark):
        project.makepyfile(
            test_other=f"""
            import pytest

            @pytest.mark.{mark}
            @pytest.mark.case("MI-002")
            def test_does_not_run():
                pass
            """
        )
        project.runpytest_subprocess("--cases").stdout.fnmatch_lines(["open in create: MI-002"])

    def test_counts_marks_of_classes_and_modules(self, project):
        project.makepyfile(
            test_other="""
            import pytest

            pytestmark = pytest.mark.case("MI-002")

            class TestOther:
                def test_covers(self):
                    pass
            """
        )
        project.runpytest_subprocess("--cases").stdout.fnmatch_lines(["all * 2 * 0 * 1"])

    @pytest.mark.parametrize("options", [[], ["--cases"], ["-n", "2"]])
    def test_refuses_an_unknown_case(self, project, options):
        project.makepyfile(
            test_other="""
            import pytest

            @pytest.mark.case("MI-999")
            def test_covers():
                pass
            """
        )
        result = project.runpytest_subprocess(*options)
        assert result.ret != 0
        assert "no such behaviour case" in result.stdout.str() + result.stderr.str()
        assert "test_other.py::test_covers: MI-999" in result.stdout.str() + result.stderr.str()

    @pytest.mark.parametrize(
        ("row", "message"), [("MI-999,Because.", "names MI-999"), ("MI-002,", "no reason for MI-002")]
    )
    def test_refuses_a_deviation_that_says_too_little(self, project, row, message):
        project.makefile(".csv", deviations=f"id,reason\n{row}\n")
        result = project.runpytest_subprocess()
        assert result.ret != 0
        assert message in result.stderr.str()
