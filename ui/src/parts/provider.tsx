// provider.tsx: the way in by somebody else's sign-in, where the site has one. A real link: the browser leaves and
// comes back (GET /oidc/start).
import type { Api } from "../answers";
import { use_resource } from "../resource";
import { say } from "../words";

type Ways = Api["GET /sign-in"]["answer"];

export function ProviderLink({ query }: { query: string }) {
    const oidc = use_resource<Ways>("/sign-in").data.value?.oidc;
    return oidc ? (
        <a class="btn" href={`${oidc.start}?${query}`} target="_self">
            {say("sign.provider", { name: oidc.name })}
        </a>
    ) : null;
}

// Instead of the password once more, for those who have none.
export function ProviderAgain() {
    const here = encodeURIComponent(location.pathname + location.search);
    return (
        <>
            <p class="note">{say("deed.provider_why")}</p>
            <ProviderLink query={`fresh=true&to=${here}`} />
        </>
    );
}
