"""Debian's Chromium, driven by Playwright: the desk as an operator sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from lab.instance import Instance

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def sign_in(browser: Browser, hotline: Instance, login: str, *, width: int = 1366, height: int = 768) -> Page:
    """A page of its own, signed in as `login`, Vietnamese."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    context.add_init_script("window.problems = []; addEventListener('error', e => window.problems.push(e.message));")
    page = context.new_page()
    page.goto(hotline.url)
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu", exact=True).fill(hotline.account(login)["password"])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "dang-nhap" not in url)
    return page
