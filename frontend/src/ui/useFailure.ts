import { useEffect, useState } from "react";
import { type Failure, failureOf } from "../chain/failures";

/** What an error means; undefined without one, and for the moment in which its texts are fetched. */
export function useFailure(error: unknown): Failure | undefined {
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    if (error) void failureOf(error).then(setFailure);
    else setFailure(undefined);
  }, [error]);
  return failure;
}
