import pytest

from tests.factories import UserFactory


class TestNewPage:
    def test_opens_the_live_server(self, new_page):
        page = new_page()
        page.goto("/login/")
        assert page.locator("h1").count() == 1

    def test_is_signed_in_for_a_user(self, new_page):
        page = new_page(UserFactory(is_staff=True, is_superuser=True))
        page.goto("/admin/")
        assert page.url.endswith("/admin/")

    def test_is_as_wide_and_dark_as_asked(self, new_page):
        page = new_page(width=390, theme="dark")
        page.goto("/login/")
        assert page.evaluate("[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]") == [
            390,
            True,
        ]

    def test_notes_what_goes_wrong(self, new_page, browser_problems):
        page = new_page()
        with page.expect_event("requestfailed"):
            page.set_content("<img src='http://elsewhere.invalid/' alt=''>")
        with page.expect_event("pageerror"):
            page.evaluate("console.error('broken'); setTimeout(() => { throw new Error('thrown') })")
        assert {
            "console error: broken",
            "script error: thrown",
            "request to another server: http://elsewhere.invalid/",
        } <= set(browser_problems)
        browser_problems.clear()


class TestAssertAccessible:
    def test_passes_a_page_without_violations(self, new_page, assert_accessible):
        page = new_page()
        page.set_content("<html lang=en><title>Page</title><main><h1>Page</h1></main></html>")
        assert_accessible(page)

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ("<main><h1>Page</h1><img src='data:,'></main>", "image-alt"),
            ("<main><h1>Page</h1><div style='width: 3000px'>wide</div></main>", "3000 px wide|30.. px wide"),
        ],
    )
    def test_fails_a_page_with_violations_or_sideways_scrolling(
        self, new_page, assert_accessible, body, message
    ):
        page = new_page()
        page.set_content(f"<html lang=en><title>Page</title>{body}</html>")
        with pytest.raises(AssertionError, match=message):
            assert_accessible(page)
