"""The operator's desk in a real Chromium, while real calls come in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from lab.browser import chromium, sign_in
from lab.instance import Instance, converse, until
from lab.phone import Phone

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(browser: Browser, hotline: Instance) -> Iterator[Page]:
    page = sign_in(browser, hotline, "op1")
    yield page
    assert page.evaluate("window.problems") == []
    page.context.close()


def call(citizen: Phone, caller: str, key: str = "1") -> None:
    citizen.dial("1022", f"<sip:{caller}@carrier>")
    citizen.wait("answered")
    citizen.press(key)


def test_the_pop_comes_before_the_answer_and_becomes_a_ticket(hotline: Instance, desk: Page, citizen: Phone) -> None:
    """Who calls and why is on the page while the phone rings; the ticket is filed from it, once."""
    with hotline.desk_phone("op1", on_ring="ring") as op1:
        call(citizen, "0905555001")
        op1.wait("rung", 20)
        pop = desk.get_by_test_id("pop")
        expect(desk.get_by_test_id("pop-number")).to_have_text("0905 555 001")
        expect(pop).to_contain_text("Đổ chuông")
        expect(pop).to_contain_text("Phản ánh sự cố")
        op1.answer()
        converse(citizen, op1, 0.5)
        expect(pop).to_contain_text("Đang nói")
        form = desk.get_by_test_id("ticket-form")
        form.get_by_role("textbox", name="Nội dung").fill("Nắp cống vỡ trước số 5 Trần Phú")
        form.get_by_label("Họ tên người dân").fill("Lê Văn Cường")
        form.get_by_role("button", name="Lưu phiếu").dblclick()
        shown = desk.get_by_test_id("filed-code")
        expect(shown).to_have_text(re.compile(r"\d\d \d{6} \d"))
        code = re.sub(r"\D", "", shown.inner_text())
        citizen.hang_up()
        expect(pop).to_contain_text("Hoàn tất sau gọi")
        hotline.set_state("op1", "offline")
    linkedid = hotline.ended_call("0905555001")["linkedid"]
    tickets = hotline.get("op1", "/api/v1/tickets", phone="0905555001")["items"]
    assert [row["code"] for row in tickets] == [code]
    ticket = hotline.get("op1", f"/api/v1/tickets/{code}")
    assert (ticket["linkedid"], ticket["content"]) == (linkedid, "Nắp cống vỡ trước số 5 Trần Phú")


def test_a_second_call_wipes_no_half_written_ticket(hotline: Instance, desk: Page) -> None:
    """Two calls, two tabs; the first draft is still there, after a reload too."""
    with hotline.desk_phone("op1") as op1, hotline.citizen() as first, hotline.citizen() as second:
        call(first, "0905555002")
        op1.wait("answered", 20)
        form = desk.get_by_test_id("ticket-form")
        expect(desk.get_by_test_id("pop-number")).to_have_text("0905 555 002")
        form.get_by_role("textbox", name="Nội dung").fill("Chưa viết xong")
        first.hang_up()
        op1.wait("ended")
        call(second, "0905555003", "2")
        op1.wait("rung", 30, count=2)
        expect(desk.get_by_test_id("pop-number")).to_have_text("0905 555 003")
        expect(form.get_by_role("textbox", name="Nội dung")).to_have_value("Chưa viết xong")
        desk.reload()
        tab = desk.get_by_role("tab", name=re.compile("0905 555 002"))
        tab.click()
        expect(desk.get_by_test_id("ticket-form").get_by_role("textbox", name="Nội dung")).to_have_value(
            "Chưa viết xong"
        )
        second.hang_up()
        hotline.set_state("op1", "offline")


def test_only_the_rung_operator_sees_the_pop(hotline: Instance, browser: Browser, desk: Page, citizen: Phone) -> None:
    other = sign_in(browser, hotline, "op2")
    with hotline.desk_phone("op1", on_ring="ring") as op1:
        call(citizen, "0905555004")
        op1.wait("rung", 20)
        expect(desk.get_by_test_id("pop-number")).to_have_text("0905 555 004")
        expect(other.get_by_text("0905 ••• 004")).to_be_visible()
        assert "0905 555 004" not in other.content()
        citizen.hang_up()
        hotline.set_state("op1", "offline")
    other.context.close()


def test_the_page_says_when_it_is_cut_off(hotline: Instance, desk: Page) -> None:
    """A lost connection is said, and the page comes back to the truth by itself."""
    hotline.pause("web")
    expect(desk.get_by_text("Mất kết nối").first).to_be_visible(timeout=20_000)
    hotline.resume("web")
    until(hotline.is_ready, 30, "the web process again")
    expect(desk.get_by_text("Đã kết nối").first).to_be_visible(timeout=20_000)


def test_a_wrong_password_is_said(hotline: Instance, browser: Browser) -> None:
    page = browser.new_page(locale="vi-VN")
    page.goto(hotline.url)
    page.get_by_label("Tên đăng nhập").fill("op1")
    page.get_by_label("Mật khẩu", exact=True).fill("khong-dung")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Tên đăng nhập")).to_have_value("op1")
    page.close()
