"""Every recorded table is as wide as a notebook's column, or less: nothing has to be scrolled."""

import json

import pytest

from embedlab.tables import RECORDED, CourseTable, RecordedTable

COLUMN = 848  # pixels that JupyterLab leaves in a window of 1280, its list of files open
STYLE = """<style>
    /* what JupyterLab says of tables */
    table { border-collapse: collapse; font: 13px system-ui, Helvetica, Arial, sans-serif }
    body { margin: 0 }
    td, th { padding: 6.5px; white-space: normal }
</style>"""
RECORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in RECORDED.glob("*.json")}
TABLES = {
    name: CourseTable(record, "99_last") if "task" in record else RecordedTable(record)
    for name, record in sorted(RECORDS.items())
    if record.keys() & {"task", "columns"}
}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": COLUMN, "height": 800})
    yield page
    page.close()


@pytest.mark.parametrize("name", TABLES)
def test_a_recorded_table_fits_the_column(page, name):
    page.set_content(STYLE + TABLES[name]._repr_html_())
    assert page.evaluate("document.body.scrollWidth <= window.innerWidth")
