import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { Right, Session } from "../api/client";
import { sessionQuery } from "../api/queries";

export function useSession() {
  return useQuery(sessionQuery);
}

/** The page on which this role's work begins. */
export function homeOf(me: Session): string {
  if (me.role === "operator") return "/";
  if (may(me, "queue.read") && me.role === "supervisor") return "/giam-sat";
  return "/phieu";
}

/** The desk is for those who take calls. */
export function hasDesk(me: Session): boolean {
  return me.role === "operator" || me.role === "supervisor";
}

export function may(me: Session, right: Right): boolean {
  return me.rights.includes(right);
}

export const MeContext = createContext<Session | null>(null);

/** Who is signed in; only inside of the signed-in pages. */
export function useMe(): Session {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside of the signed-in pages");
  return me;
}
