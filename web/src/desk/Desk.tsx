import { useState } from "react";
import { useTranslation } from "react-i18next";
import { draftStore } from "../drafts/store";
import { useTitle } from "../lib/title";
import { useMe } from "../session/session";
import { CallAtHand } from "./CallAtHand";
import css from "./Desk.module.css";
import { MyState } from "./MyState";
import { Pop } from "./Pop";
import { Queues } from "./Queues";
import { TicketSide } from "./TicketSide";
import { TicketTabs } from "./TicketTabs";

export function Desk() {
  const { t } = useTranslation();
  const me = useMe();
  const [store] = useState(() => draftStore(me.login));
  const [shown, setShown] = useState<string | null>(null);
  useTitle(t("nav.desk"));
  return (
    <div className={css.desk}>
      <div className={css.column}>
        <MyState />
        <CallAtHand />
        <Queues />
      </div>
      <div className={css.column}>
        <Pop onTicket={setShown} />
        <TicketTabs store={store} onTicket={setShown} />
      </div>
      <div className={css.column}>
        <TicketSide shown={shown} onShow={setShown} />
      </div>
    </div>
  );
}
