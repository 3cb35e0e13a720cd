"""The class report's list of students: sorted and searched with its script, whole without it."""

import pytest
from playwright.sync_api import expect
from report_sample import LECTURE, sample_class

from autograder.reports.class_report import class_report


@pytest.fixture(scope="module")
def records():
    return sample_class(40)[0]


@pytest.fixture(scope="module")
def report(records, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "class.html"
    path.write_text(class_report(records, LECTURE), "utf-8")
    return path.as_uri()


def test_the_list_sorts_and_filters(browser, records, report):
    page = browser.new_page()
    page.goto(report)
    total = page.locator("#class-list th:nth-child(2) button")
    first = page.locator("#class-list tbody tr >> nth=0").locator("td >> nth=0")
    totals = [f"{record.score:g}" for record in sorted(records, key=lambda one: one.score)]
    total.click()
    expect(first).to_have_text(totals[0])
    total.click()
    expect(first).to_have_text(totals[-1])
    page.fill("#class-search", "S0007")
    expect(page.locator("#class-list tbody tr:visible")).to_have_count(1)
    expect(page.locator("#class-count")).to_have_text("1 of 40")
    page.close()


def test_without_javascript_it_is_a_plain_table(browser, report):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report)
    expect(page.locator("#class-list tbody tr:visible")).to_have_count(40)
    expect(page.locator("#class-search")).to_be_hidden()
    context.close()
