import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { date, isoDay } from "../lib/format";

interface Props {
  label: string;
  /** `2026-11-24` or "". */
  value: string;
  onChange: (value: string) => void;
}

/** A day as it is written here, dd/MM/yyyy; the browser's own field would follow the browser's language instead. */
export function FilterDate({ label, value, onChange }: Props) {
  const { t } = useTranslation();
  const shown = value ? date(`${value}T00:00:00`) : "";
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    setText(shown);
    setWrong(false);
  }, [shown]);
  const take = () => {
    const day = text.trim() === "" ? "" : isoDay(text);
    setWrong(day === null);
    if (day !== null && day !== value) onChange(day);
  };
  return (
    <TextInput
      label={label}
      w={148}
      value={text}
      placeholder={t("dayHint")}
      inputMode="numeric"
      autoComplete="off"
      error={wrong && t("dayWrong")}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) take();
      }}
    />
  );
}
