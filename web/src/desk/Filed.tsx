import { Button, Group } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { ticketCode } from "../lib/format";
import { CheckIcon, CopyIcon } from "../ui/icons";
import css from "./Desk.module.css";

interface Props {
  code: string;
  onOpen: (code: string) => void;
  onDone: () => void;
}

/** The code, large, to be read to the citizen. */
export function Filed({ code, onOpen, onDone }: Props) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <div className={css.filed} role="status">
      <span className="state-tag" style={{ background: "var(--ready-bg)", color: "var(--ready-fg)" }}>
        <CheckIcon size={14} />
        {t("draft.filed")}
      </span>
      <span className="soft">{t("draft.read")}</span>
      <span className={`tabular ${css.bigCode}`} data-testid="filed-code">
        {ticketCode(code)}
      </span>
      <span className="soft" style={{ maxWidth: "46ch" }}>
        {t("draft.statusHint")}
      </span>
      <Group mt="sm" gap="xs">
        <Button
          variant="default"
          size="sm"
          leftSection={<CopyIcon size={15} />}
          onClick={() => clipboard.copy(code)}
        >
          {t(clipboard.copied ? "draft.copied" : "draft.copy")}
        </Button>
        <Button variant="default" size="sm" onClick={() => onOpen(code)}>
          {t("draft.open")}
        </Button>
        <Button size="sm" onClick={onDone}>
          {t("draft.done")}
        </Button>
      </Group>
    </div>
  );
}
