import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { CallBrief, CallContext, TicketBrief } from "../api/client";
import { ticketCode } from "../lib/format";
import { useReasonWord } from "../lib/words";
import type { Pop } from "../live/types";
import { TicketState } from "../tickets/TicketState";
import { Ago, Rows } from "../ui/bits";
import css from "./Desk.module.css";

interface Props {
  pop: Pop;
  context: UseQueryResult<CallContext>;
  onTicket: (code: string) => void;
}

/** Open tickets of this number, then its earlier calls. */
export function History({ pop, context, onTicket }: Props) {
  const { t } = useTranslation();
  const data = context.data;
  return (
    <div className={css.history}>
      <div className={css.between}>
        <h2 className="title">{t("desk.history")}</h2>
        {data && data.caller.calls > 0 && (
          <span className="label tabular">{t("desk.historyCalls", { n: data.caller.calls })}</span>
        )}
      </div>
      <section
        className={css.historyList}
        aria-label={t("desk.history")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        {context.isPending && <Rows count={3} height={26} />}
        {context.isError && !data && (
          <p className={css.nothing}>
            {t("desk.noContext")}{" "}
            <Button size="compact-xs" variant="default" onClick={() => void context.refetch()}>
              {t("retry")}
            </Button>
          </p>
        )}
        {data && data.open_tickets.length === 0 && data.earlier_calls.length === 0 && (
          <p className={css.nothing}>{t(pop.number ? "desk.noHistory" : "desk.noHistoryHidden")}</p>
        )}
        {data?.open_tickets.map((ticket) => (
          <TicketLine key={ticket.code} ticket={ticket} onTicket={onTicket} />
        ))}
        {data?.earlier_calls.map((call) => (
          <CallLine key={call.linkedid} call={call} />
        ))}
      </section>
    </div>
  );
}

function TicketLine({ ticket, onTicket }: { ticket: TicketBrief; onTicket: (code: string) => void }) {
  return (
    <button type="button" className={css.historyRow} onClick={() => onTicket(ticket.code)}>
      <span className="cut">
        <b>{ticket.title || ticket.content}</b>
      </span>
      <TicketState state={ticket.state} />
      <span className="label tabular">{ticketCode(ticket.code)}</span>
      <span className="label">
        <Ago at={ticket.created_at} />
      </span>
    </button>
  );
}

function CallLine({ call }: { call: CallBrief }) {
  const { t } = useTranslation();
  const reasonWord = useReasonWord();
  const outcome = call.outcome ? t(`calls.outcomes.${call.outcome}`) : t("calls.running");
  return (
    <div className={css.historyRow}>
      <span className="cut">{reasonWord(call.reason) || t("calls.title")}</span>
      <span className="label">{outcome}</span>
      <span className="label">{call.operator}</span>
      <span className="label">
        <Ago at={call.started_at} />
      </span>
    </div>
  );
}
