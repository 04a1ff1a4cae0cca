import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { body, client } from "../api/client";
import { ticketQuery } from "../api/queries";
import { tidy } from "../lib/format";
import { Notice, useReason } from "../ui/bits";

export function NoteForm({ code }: { code: string }) {
  const { t } = useTranslation();
  const reason = useReason();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const add = useMutation({
    mutationFn: (note: string) =>
      body(client.POST("/api/v1/tickets/{code}/notes", { params: { path: { code } }, body: { text: note } })),
    onSuccess: () => {
      setText("");
      void queries.invalidateQueries(ticketQuery(code));
      void queries.invalidateQueries({ queryKey: ["tickets"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (tidy(text) && !add.isPending) add.mutate(tidy(text));
  };
  return (
    <form onSubmit={submit} style={{ display: "grid", gap: 8 }} className="no-print">
      <Textarea
        label={t("tickets.note")}
        placeholder={t("tickets.noteHint")}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={20_000}
        value={text}
        readOnly={add.isPending}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing)
            submit(event);
        }}
      />
      {add.isError && <Notice tone="bad">{reason(add.error)}</Notice>}
      <div>
        <Button
          type="submit"
          size="xs"
          loading={add.isPending}
          disabled={tidy(text) === ""}
          title="Ctrl + Enter"
        >
          {t("tickets.noteSave")}
        </Button>
      </div>
    </form>
  );
}
