"""`--again`: what a run on a second database repeats. A test that uses no database can only do the same again, and a
page looks the same on either; so this is every test that uses a database, and of the browser tests the journeys.
"""

import pytest

DATABASE = {"db", "transactional_db", "live_server"}


def pytest_addoption(parser):
    group = parser.getgroup("summary")
    group.addoption("--again", action="store_true", help="leave out what does not depend on the database")


def depends_on_database(item):
    if item.get_closest_marker("browser"):
        return "journeys" in item.path.parts
    return bool(item.get_closest_marker("django_db")) or not DATABASE.isdisjoint(item.fixturenames)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if config.option.again:
        left_out = [item for item in items if not depends_on_database(item)]
        items[:] = [item for item in items if depends_on_database(item)]
        config.hook.pytest_deselected(items=left_out)
