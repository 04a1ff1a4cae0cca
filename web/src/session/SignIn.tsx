import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useNavigate } from "react-router";
import { body, client } from "../api/client";
import { sessionQuery } from "../api/queries";
import { tidy } from "../lib/format";
import { Notice, useReason } from "../ui/bits";
import { PhoneIcon } from "../ui/icons";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import css from "./SignIn.module.css";
import { homeOf, useSession } from "./session";

const KEPT = "hotline.login";

/** Only a path of our own is gone back to. */
function backTo(state: unknown): string | undefined {
  const from = (state as { from?: unknown } | null)?.from;
  return typeof from === "string" && /^\/(?!\/)/.test(from) ? from : undefined;
}

export function SignIn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const location = useLocation();
  const reason = useReason();
  const session = useSession();
  const [login, setLogin] = useState(() => localStorage.getItem(KEPT) ?? "");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState(false);
  const expired = (location.state as { expired?: boolean } | null)?.expired === true;

  useEffect(() => {
    document.title = `${t("signIn.title")} · 1022`;
  }, [t]);

  const signIn = useMutation({
    mutationFn: () => body(client.POST("/api/v1/session", { body: { login: tidy(login), password } })),
    onSuccess: (me) => {
      localStorage.setItem(KEPT, me.login);
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, me);
      navigate(backTo(location.state) ?? homeOf(me), { replace: true });
    },
    onError: () => setPassword(""),
  });

  if (session.data && !session.isError && !signIn.isPending)
    return <Navigate to={homeOf(session.data)} replace />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacking = tidy(login) === "" || password === "";
    setMissing(lacking);
    if (!lacking && !signIn.isPending) signIn.mutate();
  };

  return (
    <main className={css.page}>
      <div className={css.top}>
        <LanguageSwitch />
      </div>
      <form className={css.form} onSubmit={submit} noValidate>
        <div className={css.brand}>
          <span className={css.mark}>
            <PhoneIcon size={22} />
          </span>
          <span>{t("province")}</span>
        </div>
        <div>
          <h1 className={css.title}>{t("signIn.title")}</h1>
          <p className={css.lead}>{t("signIn.lead")}</p>
        </div>
        {expired && !signIn.isError && <Notice tone="warn">{t("signIn.expired")}</Notice>}
        {missing && <Notice tone="bad">{t("signIn.missing")}</Notice>}
        {signIn.isError && !missing && <Notice tone="bad">{reason(signIn.error)}</Notice>}
        <TextInput
          label={t("signIn.login")}
          name="login"
          autoComplete="username"
          autoCapitalize="none"
          autoFocus={login === ""}
          spellCheck={false}
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
          size="md"
        />
        <PasswordInput
          label={t("signIn.password")}
          name="password"
          autoComplete="current-password"
          autoFocus={login !== ""}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
          size="md"
        />
        <Button type="submit" size="md" loading={signIn.isPending} fullWidth>
          {t("signIn.submit")}
        </Button>
      </form>
    </main>
  );
}
