import { Button, NativeSelect } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CallBrief } from "../api/client";
import { type CallFilter, callsQuery, queuesQuery } from "../api/queries";
import { csv, download } from "../lib/csv";
import { range, useFilters } from "../lib/filters";
import { dateTime, duration, phone } from "../lib/format";
import { useTitle } from "../lib/title";
import { useQueueName, useReasonWord } from "../lib/words";
import { Empty, Failure, Rows } from "../ui/bits";
import { FilterDate } from "../ui/FilterDate";
import { FilterText } from "../ui/FilterText";
import css from "../ui/List.module.css";
import { OUTCOMES, Outcome, useOutcomeName } from "./Outcome";

const FILTERS = ["outcome", "queue", "operator", "caller", "from", "to"] as const;

export function CallsPage() {
  const { t } = useTranslation();
  const [filter, set, clear] = useFilters(FILTERS);
  const outcome = OUTCOMES.find((one) => one === filter.outcome);
  const wanted: CallFilter = { ...filter, outcome, ...range(filter.from, filter.to) };
  const calls = useInfiniteQuery({ ...callsQuery(wanted), refetchInterval: 30_000 });
  const all = calls.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const exportRows = useExport();
  useTitle(t("calls.title"));
  return (
    <div className="page">
      <h1 className="page-title">{t("calls.title")}</h1>
      <Filters filter={filter} set={set} />
      <div className={css.bar}>
        <span className="soft tabular" role="status">
          {calls.data && t("calls.shown", { n: all.length })}
        </span>
        {filtered && (
          <Button size="compact-sm" variant="subtle" onClick={clear}>
            {t("tickets.clear")}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          ml="auto"
          disabled={all.length === 0}
          onClick={() => download("cuoc-goi.csv", exportRows(all))}
        >
          {t("tickets.export")}
        </Button>
      </div>
      <div className={`card ${css.table}`}>
        {calls.isPending && <Rows count={8} />}
        {calls.isError && <Failure error={calls.error} retry={() => void calls.refetch()} />}
        {calls.data && all.length === 0 && (
          <Empty
            title={t(filtered ? "calls.empty" : "calls.none")}
            hint={t(filtered ? "calls.emptyHint" : "calls.noneHint")}
          />
        )}
        {all.length > 0 && <Table calls={all} />}
      </div>
      {calls.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={calls.isFetchingNextPage}
          onClick={() => void calls.fetchNextPage()}
        >
          {t("more")}
        </Button>
      )}
    </div>
  );
}

interface FiltersProps {
  filter: Partial<Record<(typeof FILTERS)[number], string>>;
  set: (name: (typeof FILTERS)[number], value: string) => void;
}

function Filters({ filter, set }: FiltersProps) {
  const { t } = useTranslation();
  const queues = useQuery(queuesQuery).data?.items ?? [];
  const queueName = useQueueName();
  const outcomeName = useOutcomeName();
  const any = { value: "", label: t("all") };
  return (
    <div className={css.filters}>
      <NativeSelect
        label={t("calls.outcome")}
        value={filter.outcome ?? ""}
        onChange={(event) => set("outcome", event.currentTarget.value)}
        data={[any, ...OUTCOMES.map((one) => ({ value: one, label: outcomeName(one) }))]}
      />
      <NativeSelect
        label={t("calls.queue")}
        value={filter.queue ?? ""}
        onChange={(event) => set("queue", event.currentTarget.value)}
        data={[any, ...queues.map((queue) => ({ value: queue.name, label: queueName(queue.name) }))]}
      />
      <FilterText
        label={t("calls.caller")}
        value={filter.caller ?? ""}
        onChange={(value) => set("caller", value)}
        width={160}
      />
      <FilterText
        label={t("calls.operator")}
        value={filter.operator ?? ""}
        onChange={(value) => set("operator", value)}
        width={140}
      />
      <FilterDate
        label={t("calls.from")}
        value={filter.from ?? ""}
        onChange={(value) => set("from", value)}
      />
      <FilterDate label={t("calls.to")} value={filter.to ?? ""} onChange={(value) => set("to", value)} />
    </div>
  );
}

function Table({ calls }: { calls: CallBrief[] }) {
  const { t } = useTranslation();
  const queueName = useQueueName();
  const reasonWord = useReasonWord();
  const time = (seconds: number | null) => (seconds === null ? "–" : duration(seconds));
  return (
    <table className="rows">
      <thead>
        <tr>
          <th>{t("calls.started")}</th>
          <th>{t("calls.caller")}</th>
          <th>{t("calls.reason")}</th>
          <th>{t("calls.queue")}</th>
          <th>{t("calls.operator")}</th>
          <th>{t("calls.wait")}</th>
          <th>{t("calls.talk")}</th>
          <th>{t("calls.outcome")}</th>
        </tr>
      </thead>
      <tbody className="tabular">
        {calls.map((call) => (
          <tr key={call.linkedid}>
            <td style={{ whiteSpace: "nowrap" }}>
              <Link to={`/cuoc-goi/${call.linkedid}`} className="row-link">
                {dateTime(call.started_at)}
              </Link>
            </td>
            <td style={{ whiteSpace: "nowrap" }}>{call.caller ? phone(call.caller) : t("withheld")}</td>
            <td>{reasonWord(call.reason) || "–"}</td>
            <td>{call.queue ? queueName(call.queue) : "–"}</td>
            <td>{call.operator || "–"}</td>
            <td>{time(call.wait_s)}</td>
            <td>{time(call.talk_s)}</td>
            <td>
              <Outcome outcome={call.outcome} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The rows as they are shown, with their headings. */
function useExport() {
  const { t } = useTranslation();
  const queueName = useQueueName();
  const reasonWord = useReasonWord();
  const outcomeName = useOutcomeName();
  return (calls: CallBrief[]) =>
    csv([
      ["started", "caller", "reason", "queue", "operator", "wait", "talk", "outcome"].map((key) =>
        t(`calls.${key}` as "calls.started"),
      ),
      ...calls.map((call) => [
        dateTime(call.started_at),
        phone(call.caller),
        reasonWord(call.reason),
        call.queue && queueName(call.queue),
        call.operator,
        call.wait_s === null ? "" : duration(call.wait_s),
        call.talk_s === null ? "" : duration(call.talk_s),
        call.outcome ? outcomeName(call.outcome) : t("calls.running"),
      ]),
    ]);
}
