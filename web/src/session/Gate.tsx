import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { Refused } from "../api/client";
import { sessionQuery } from "../api/queries";
import { LiveProvider } from "../live/store";
import { Failure, Rows } from "../ui/bits";
import { Layout } from "../ui/Layout";
import { hasDesk, homeOf, MeContext, may, useSession } from "./session";

/** Lets in who is signed in; a session that ends anywhere leads back to the sign-in page. */
export function Gate() {
  const session = useSession();
  const location = useLocation();
  useSignedOutWatch();

  if (session.error instanceof Refused && session.error.status === 401) {
    const from = location.pathname + location.search;
    return <Navigate to="/dang-nhap" replace state={{ from, expired: session.data !== undefined }} />;
  }
  const me = session.data;
  if (!me && session.isError)
    return (
      <main className="page">
        <Failure error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  if (!me)
    return (
      <main className="page">
        <Rows count={6} height={56} />
      </main>
    );
  if (location.pathname === "/" && !hasDesk(me)) return <Navigate to={homeOf(me)} replace />;
  return (
    <MeContext value={me}>
      <LiveProvider allowed={may(me, "queue.read")}>
        <Layout>
          <Outlet />
        </Layout>
      </LiveProvider>
    </MeContext>
  );
}

/** Any answer of 401 asks again who we are. */
function useSignedOutWatch() {
  const queries = useQueryClient();
  useEffect(() => {
    const look = (error: unknown) => {
      if (error instanceof Refused && error.status === 401) void queries.invalidateQueries(sessionQuery);
    };
    const isSession = (key: readonly unknown[]) => key[0] === sessionQuery.queryKey[0];
    const offQueries = queries.getQueryCache().subscribe((event) => {
      if (event.type === "updated" && event.action.type === "error" && !isSession(event.query.queryKey))
        look(event.action.error);
    });
    const offMutations = queries.getMutationCache().subscribe((event) => {
      if (event.type === "updated" && event.action.type === "error") look(event.action.error);
    });
    return () => {
      offQueries();
      offMutations();
    };
  }, [queries]);
}
