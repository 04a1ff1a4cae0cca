import { Button, Checkbox, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Refused } from "../api/client";
import { type Draft, type Fields, write } from "../drafts/model";
import type { DraftStore } from "../drafts/store";
import { tidy } from "../lib/format";
import { useCategories } from "../lib/words";
import { Notice, useReason } from "../ui/bits";
import css from "./Desk.module.css";

interface Props {
  draft: Draft;
  store: DraftStore;
  busy: boolean;
  refusal: Refused | undefined;
  onFile: () => void;
  onDiscard: () => void;
}

/** Writes into the draft at each key; once sent with no answer it is locked, so that it cannot become two. */
export function TicketForm({ draft, store, busy, refusal, onFile, onDiscard }: Props) {
  const { t } = useTranslation();
  const reason = useReason();
  const categories = useCategories();
  const [lacking, setLacking] = useState(false);
  const content = useRef<HTMLTextAreaElement>(null);
  const locked = draft.sent !== null;
  const { fields } = draft;
  const set = (change: Partial<Fields>) => store.update((drafts) => write(drafts, draft.id, change));

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    const empty = tidy(fields.content) === "";
    setLacking(empty);
    if (empty) content.current?.focus();
    else onFile();
  };
  // Enter belongs to the input method and must not file half a ticket; Ctrl+Enter files it.
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    if (event.ctrlKey || event.metaKey) submit();
    else if (event.target instanceof HTMLInputElement) event.preventDefault();
  };
  const wrong = (field: keyof Fields) => {
    if (refusal?.code !== "invalid" || refusal.field !== field) return undefined;
    return t(field === "citizen_phone" ? "draft.badPhone" : "draft.tooLong");
  };
  const text = (field: Exclude<keyof Fields, "public">) => ({
    name: field,
    value: fields[field],
    readOnly: locked,
    error: wrong(field),
    autoComplete: "off",
    onChange: (event: { currentTarget: { value: string } }) => set({ [field]: event.currentTarget.value }),
  });
  return (
    <form className={css.form} onSubmit={submit} onKeyDown={keys} noValidate data-testid="ticket-form">
      <div className={css.formNotes}>
        {locked && !busy && <Notice tone="warn">{t("draft.unknown")}</Notice>}
        {!locked && refusal && !wrong(refusal.field as keyof Fields) && (
          <Notice tone="bad">{reason(refusal)}</Notice>
        )}
      </div>
      <div className={css.two}>
        <TextInput
          label={t("draft.title")}
          placeholder={t("draft.titleHint")}
          maxLength={300}
          {...text("title")}
        />
        <NativeSelect
          label={t("draft.category")}
          name="category"
          value={fields.category}
          disabled={locked}
          error={wrong("category")}
          onChange={(event) => set({ category: event.currentTarget.value })}
          data={[
            { value: "", label: t("draft.choose") },
            ...categories.map(({ key, name }) => ({ value: key, label: name })),
          ]}
        />
      </div>
      <div className={css.two}>
        <TextInput
          label={t("draft.area")}
          placeholder={t("draft.areaHint")}
          maxLength={200}
          {...text("area")}
        />
        <TextInput
          label={t("draft.address")}
          placeholder={t("draft.addressHint")}
          maxLength={300}
          {...text("address")}
        />
      </div>
      <Textarea
        ref={content}
        label={t("draft.content")}
        placeholder={t("draft.contentHint")}
        required
        maxLength={20_000}
        classNames={{ root: css.grow, wrapper: css.wrap }}
        {...text("content")}
        error={lacking && tidy(fields.content) === "" ? t("draft.needContent") : wrong("content")}
      />
      <div className={css.two}>
        <TextInput label={t("draft.name")} maxLength={200} {...text("citizen_name")} />
        <TextInput label={t("draft.phone")} maxLength={40} inputMode="tel" {...text("citizen_phone")} />
      </div>
      <div className={css.foot}>
        <Checkbox
          mr="auto"
          label={t("draft.public")}
          checked={fields.public}
          disabled={locked}
          onChange={(event) => set({ public: event.currentTarget.checked })}
        />
        {!locked && (
          <Button variant="subtle" color="gray" size="sm" onClick={onDiscard}>
            {t("draft.discard")}
          </Button>
        )}
        <Button type="submit" size="sm" loading={busy} title="Ctrl + Enter">
          {t(locked && !busy ? "draft.sendAgain" : "draft.submit")}
        </Button>
      </div>
    </form>
  );
}
