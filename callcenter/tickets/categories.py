"""The categories (lĩnh vực) of tickets, with the names that people see."""

from __future__ import annotations

from types import MappingProxyType

CATEGORIES = MappingProxyType(
    {
        "procedures": ("Thủ tục hành chính", "Administrative procedures"),
        "roads": ("Đường sá, cầu cống", "Roads and bridges"),
        "electricity": ("Điện", "Electricity"),
        "lighting": ("Chiếu sáng công cộng", "Street lighting"),
        "water": ("Cấp thoát nước", "Water and drainage"),
        "environment": ("Môi trường, rác thải", "Environment and waste"),
        "telecoms": ("Viễn thông, internet", "Telecoms and internet"),
        "construction": ("Xây dựng, đất đai", "Construction and land"),
        "security": ("An ninh, trật tự", "Public order"),
        "health": ("Y tế", "Health"),
        "education": ("Giáo dục", "Education"),
        "officials": ("Thái độ, trách nhiệm của cán bộ", "Conduct of officials"),
        "other": ("Lĩnh vực khác", "Other"),
    }
)
"""Key → (Vietnamese, English)."""
