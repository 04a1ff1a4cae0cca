import { Button, NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { TicketBrief } from "../api/client";
import { ticketsQuery } from "../api/queries";
import { csv, download } from "../lib/csv";
import { range, useFilters } from "../lib/filters";
import { dateTime, phone, ticketCode } from "../lib/format";
import { useTitle } from "../lib/title";
import { useCategories, useCategoryName } from "../lib/words";
import { Empty, Failure, Rows } from "../ui/bits";
import { FilterDate } from "../ui/FilterDate";
import { FilterText } from "../ui/FilterText";
import css from "../ui/List.module.css";
import { CodeSearch } from "./CodeSearch";
import { TicketState, useTicketStateName } from "./TicketState";

const STATES = ["new", "forwarded", "in_progress", "answered", "returned", "closed", "rejected"] as const;
const FILTERS = ["state", "category", "text", "phone", "from", "to"] as const;

export function TicketsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [filter, set, clear] = useFilters(FILTERS);
  const tickets = useInfiniteQuery(ticketsQuery({ ...filter, ...range(filter.from, filter.to) }));
  const all = tickets.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.keys(filter).length > 0;
  const exportRows = useExport();
  useTitle(t("tickets.title"));
  return (
    <div className="page">
      <div className={css.head}>
        <h1 className="page-title">{t("tickets.title")}</h1>
        <div className={css.search}>
          <CodeSearch onFound={(code) => navigate(`/phieu/${code}`)} />
        </div>
      </div>
      <Filters filter={filter} set={set} />
      <div className={css.bar}>
        <span className="soft tabular" role="status">
          {tickets.data && t("tickets.shown", { n: all.length })}
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
          onClick={() => download("phieu.csv", exportRows(all))}
        >
          {t("tickets.export")}
        </Button>
      </div>
      <div className={`card ${css.table}`}>
        {tickets.isPending && <Rows count={8} />}
        {tickets.isError && <Failure error={tickets.error} retry={() => void tickets.refetch()} />}
        {tickets.data && all.length === 0 && (
          <Empty
            title={t(filtered ? "tickets.empty" : "tickets.none")}
            hint={t(filtered ? "tickets.emptyHint" : "tickets.noneHint")}
          />
        )}
        {all.length > 0 && <Table tickets={all} />}
      </div>
      {tickets.hasNextPage && (
        <Button
          mt="md"
          variant="default"
          loading={tickets.isFetchingNextPage}
          onClick={() => void tickets.fetchNextPage()}
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
  const categories = useCategories();
  const stateName = useTicketStateName();
  const any = { value: "", label: t("all") };
  return (
    <div className={css.filters}>
      <FilterText
        label={t("tickets.search")}
        value={filter.text ?? ""}
        onChange={(value) => set("text", value)}
        width={260}
      />
      <NativeSelect
        label={t("tickets.state")}
        value={filter.state ?? ""}
        onChange={(event) => set("state", event.currentTarget.value)}
        data={[any, ...STATES.map((state) => ({ value: state, label: stateName(state) }))]}
      />
      <NativeSelect
        label={t("tickets.category")}
        value={filter.category ?? ""}
        onChange={(event) => set("category", event.currentTarget.value)}
        data={[any, ...categories.map(({ key, name }) => ({ value: key, label: name }))]}
      />
      <FilterText
        label={t("tickets.phone")}
        value={filter.phone ?? ""}
        onChange={(value) => set("phone", value)}
        width={150}
      />
      <FilterDate
        label={t("tickets.from")}
        value={filter.from ?? ""}
        onChange={(value) => set("from", value)}
      />
      <FilterDate label={t("tickets.to")} value={filter.to ?? ""} onChange={(value) => set("to", value)} />
    </div>
  );
}

function Table({ tickets }: { tickets: TicketBrief[] }) {
  const { t } = useTranslation();
  const categoryName = useCategoryName();
  return (
    <table className="rows">
      <thead>
        <tr>
          <th>{t("tickets.code")}</th>
          <th>{t("tickets.what")}</th>
          <th>{t("tickets.category")}</th>
          <th>{t("tickets.citizen")}</th>
          <th>{t("tickets.state")}</th>
          <th>{t("tickets.created")}</th>
        </tr>
      </thead>
      <tbody>
        {tickets.map((ticket) => (
          <tr key={ticket.code}>
            <td className="tabular" style={{ whiteSpace: "nowrap" }}>
              <Link to={`/phieu/${ticket.code}`} className="row-link">
                {ticketCode(ticket.code)}
              </Link>
            </td>
            <td>
              <span className="lines2">{ticket.title || ticket.content}</span>
              {ticket.area && <span className="label">{ticket.area}</span>}
            </td>
            <td>{categoryName(ticket.category)}</td>
            <td className="tabular">
              {ticket.citizen_name || t("unnamed")}
              <div className="label">{phone(ticket.citizen_phone)}</div>
            </td>
            <td>
              <TicketState state={ticket.state} />
            </td>
            <td className="tabular" style={{ whiteSpace: "nowrap" }}>
              {dateTime(ticket.created_at)}
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
  const categoryName = useCategoryName();
  const stateName = useTicketStateName();
  return (tickets: TicketBrief[]) =>
    csv([
      ["code", "what", "category", "area", "citizen", "phone", "state", "created"].map((key) =>
        t(`tickets.${key}` as "tickets.code"),
      ),
      ...tickets.map((one) => [
        ticketCode(one.code),
        one.title || one.content,
        categoryName(one.category),
        one.area,
        one.citizen_name,
        phone(one.citizen_phone),
        stateName(one.state),
        dateTime(one.created_at),
      ]),
    ]);
}
