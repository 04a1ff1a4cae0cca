import { ActionIcon, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { readCode } from "../lib/code";
import { SearchIcon } from "../ui/icons";

/** A code as it was read to somebody; a slip is told at once, without asking the server. */
export function CodeSearch({ onFound }: { onFound: (code: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const reading = readCode(text);
    if (!reading.ok) return setError(t(`tickets.badCode.${reading.why}`));
    setError(null);
    setText("");
    onFound(reading.code);
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        aria-label={t("tickets.findCode")}
        placeholder={t("tickets.findCode")}
        inputMode="numeric"
        autoComplete="off"
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setError(null);
        }}
        rightSection={
          <ActionIcon type="submit" variant="subtle" color="gray" aria-label={t("tickets.find")}>
            <SearchIcon size={17} />
          </ActionIcon>
        }
      />
    </form>
  );
}
