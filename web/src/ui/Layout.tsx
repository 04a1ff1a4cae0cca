import { Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation, useNavigate } from "react-router";
import { body, client } from "../api/client";
import { sessionQuery } from "../api/queries";
import { RingBell } from "../desk/RingBell";
import { Today } from "../desk/Today";
import { useLive } from "../live/store";
import { hasDesk, may, useMe } from "../session/session";
import { Clock } from "./bits";
import { ConnectionLight } from "./ConnectionLight";
import { PhoneIcon, UserIcon } from "./icons";
import { LanguageSwitch } from "./LanguageSwitch";
import css from "./Layout.module.css";
import { StateTag } from "./StateTag";

export function Layout({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const me = useMe();
  const onDesk = useLocation().pathname === "/";
  const links = [
    hasDesk(me) && { to: "/", label: t("nav.desk") },
    may(me, "queue.read") && me.role !== "operator" && { to: "/giam-sat", label: t("nav.watch") },
    may(me, "ticket.read") && { to: "/phieu", label: t("nav.tickets") },
    may(me, "call.list") && { to: "/cuoc-goi", label: t("nav.calls") },
  ].filter((link) => link !== false);
  return (
    <>
      <a href="#main" className={css.skip}>
        {t("skip")}
      </a>
      <header className={css.bar}>
        <span className={css.brand}>
          <span className={css.mark}>
            <PhoneIcon size={17} />
          </span>
          1022
        </span>
        <nav className={css.nav} aria-label={t("nav.main")}>
          {links.map((link) => (
            <NavLink key={link.to} to={link.to} end={link.to === "/"} className={css.link}>
              {link.label}
            </NavLink>
          ))}
        </nav>
        <div className={css.right}>
          {may(me, "queue.read") && <ConnectionLight />}
          {hasDesk(me) && (onDesk ? <Today login={me.login} /> : <MyStateTag login={me.login} />)}
          {hasDesk(me) && <RingBell />}
          <LanguageSwitch />
          <Account />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={onDesk ? css.fixed : css.flow}>
        {children}
      </main>
    </>
  );
}

function MyStateTag({ login }: { login: string }) {
  const mine = useLive((live) => live.picture?.operators[login]);
  if (!mine) return null;
  return (
    <NavLink to="/" className={css.state}>
      <StateTag state={mine.state}>{mine.since && <Clock since={mine.since} />}</StateTag>
    </NavLink>
  );
}

function Account() {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({
    mutationFn: () => body(client.DELETE("/api/v1/session")),
    onSuccess: () => {
      navigate("/dang-nhap", { replace: true });
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, undefined);
    },
  });
  return (
    <Menu position="bottom-end" width={230} withinPortal>
      <Menu.Target>
        <UnstyledButton className={css.account} aria-label={`${t("nav.account")}: ${me.name}`}>
          <UserIcon size={17} />
          <span className={css.name}>{me.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {t(`role.${me.role}`)} · {me.login}
        </Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            closeMenuOnClick={false}
            aria-current={scheme === colorScheme}
            rightSection={scheme === colorScheme ? "✓" : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`theme.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate()}>{t("signIn.out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
