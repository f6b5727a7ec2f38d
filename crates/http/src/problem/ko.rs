//! The texts in Korean.

use super::code::Code;
use super::text::Text;

pub(super) fn text(code: Code) -> Text {
    match code {
        Code::BadRequest => Text {
            title: "잘못된 요청",
            message: "요청을 이해할 수 없습니다. 내용을 확인한 뒤 다시 시도해 주세요.",
            page: "본문이 올바른 JSON이 아니거나, 필드나 매개변수가 없거나, 형식이 다르거나, 불가능한 값입니다. `detail`에 이유가, `field`에 위치가 있습니다.",
        },
        Code::SeatTwice => Text {
            title: "두 번 지정한 좌석",
            message: "같은 좌석을 두 번 선택하셨습니다. 좌석마다 한 번씩만 선택해 주세요.",
            page: "`seats`에 같은 좌석이 두 번 이상 있습니다. 두 번째 위치는 `field`에 있습니다. 선점된 좌석은 없습니다.",
        },
        Code::AreaTwice => Text {
            title: "두 번 지정한 스탠딩 구역",
            message: "같은 스탠딩 구역을 같은 가격으로 두 번 선택하셨습니다. 필요한 매수를 한 번에 선택해 주세요.",
            page: "`areas`에 같은 구역이 같은 가격 종류로 두 번 이상 있습니다. 두 번째 위치는 `field`에 있습니다. 매수는 `quantity`로 보냅니다. 선점된 좌석은 없습니다.",
        },
        Code::SeatsTooMany => Text {
            title: "한 번에 너무 많은 좌석",
            message: "한 번에 선점할 수 있는 매수를 넘습니다. 매수를 줄여 주세요.",
            page: "한 번의 선점에는 어떻게 요청하든 좌석과 스탠딩을 합쳐 16개까지 담을 수 있습니다. 선점된 좌석은 없습니다. 한 사람이 가질 수 있는 매수의 한도는 따로 있습니다(`HOLD_LIMIT_REACHED`, `SEAT_LIMIT_REACHED`).",
        },
        Code::AmountInvalid => Text {
            title: "충전할 수 없는 금액",
            message: "충전할 수 없는 금액입니다. 한도 내의 정수 금액을 입력해 주세요.",
            page: "금액이 0 이하이거나, 소수이거나, 1회 충전 한도 또는 잔액 한도를 넘습니다. 레벨 2 미만인 서버에서는 전체 충전액의 합이 2^63-1을 넘는 경우도 해당합니다. 충전되지 않았습니다.",
        },
        Code::TokenMissing => Text {
            title: "대기열 토큰 없음",
            message: "먼저 대기열 토큰을 발급받아 주세요.",
            page: "이 호출에는 `Authorization` 헤더에 대기열 토큰이 필요합니다(그대로 또는 `Bearer` 뒤에). POST /v1/api/queue/token으로 발급받을 수 있습니다.",
        },
        Code::TokenInvalid => Text {
            title: "유효하지 않은 대기열 토큰",
            message: "유효하지 않은 대기열 토큰입니다. 새 토큰을 발급받아 주세요.",
            page: "토큰이 손상되었거나, 위조되었거나, 다른 서비스의 것이거나, 더 이상 유효하지 않습니다(취소되었거나 대기 순번이 끝난 지 오래되었습니다). POST /v1/api/queue/token으로 새로 발급받을 수 있습니다.",
        },
        Code::EntryTokenMissing => Text {
            title: "입장 토큰 필요",
            message: "티켓 판매처를 통해 입장해 주세요.",
            page: "이 서비스는 판매처나 인증 서비스가 서명한 입장 토큰으로 구매자를 확인합니다. 본문의 `entryToken` 또는 `Authorization: Bearer`에 넣어 주세요.",
        },
        Code::EntryTokenInvalid => Text {
            title: "유효하지 않은 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰이 손상되었거나, 서명이 키와 맞지 않거나, 클레임이 없거나 올바르지 않습니다. `detail`에 이유가 있습니다.",
        },
        Code::EntryTokenUnsigned => Text {
            title: "서명 없는 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰의 헤더가 `alg: none`입니다. 서명 없는 토큰은 받지 않습니다.",
        },
        Code::EntryTokenAlgorithm => Text {
            title: "알고리즘이 다른 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "키마다 하나의 알고리즘만 쓸 수 있는데, 입장 토큰의 헤더가 그 키의 것이 아닌 알고리즘을 가리킵니다(예: 공개 키에 HS256).",
        },
        Code::EntryTokenKeyUnknown => Text {
            title: "알 수 없는 키의 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰에 `kid`가 없거나 알려진 키 중에 없으며, 키는 방금 새로 받았습니다.",
        },
        Code::EntryTokenIssuer => Text {
            title: "발급자가 다른 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰의 `iss`가 이 서비스가 받는 발급자가 아닙니다.",
        },
        Code::EntryTokenAudience => Text {
            title: "대상이 다른 입장 토큰",
            message: "입장 정보를 확인할 수 없습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰의 `aud`에 이 서비스가 없습니다. 다른 서비스용 토큰입니다.",
        },
        Code::EntryTokenExpired => Text {
            title: "만료된 입장 토큰",
            message: "입장 시간이 지났습니다. 판매처를 통해 다시 입장해 주세요.",
            page: "스토어의 시각으로 입장 토큰의 `exp`가 지났습니다. 판매처에서 새 토큰을 만듭니다.",
        },
        Code::EntryTokenNotYet => Text {
            title: "아직 유효하지 않은 입장 토큰",
            message: "아직 입장할 수 없습니다. 나중에 다시 시도해 주세요.",
            page: "스토어의 시각으로 입장 토큰의 `nbf`가 되지 않았습니다. 판매처의 시계가 빠를 수 있습니다.",
        },
        Code::EntryTokenReplayed => Text {
            title: "이미 사용한 입장 토큰",
            message: "이미 사용한 입장 정보입니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰에 `jti`가 있어 한 번만 쓸 수 있으며 이미 사용되었습니다. `Idempotency-Key`와 함께 보냈다면 자리가 남아 있는 동안 둘을 그대로 다시 보낼 수 있습니다. 판매처에서 새 토큰을 만듭니다. 대기열에 참여하지 않았습니다.",
        },
        Code::GatePassNeeded => Text {
            title: "아직 입장 전",
            message: "입장 순서가 될 때까지 기다려 주세요.",
            page: "사이트 앞에 게이트가 있고, 요청에 유효한 통행증이 없습니다. 통행증이 없거나, 위조되었거나, 만료되었거나, 다른 사이트의 것이거나, 이미 끝난 세션의 것입니다. 방문자가 기다렸다가 돌아올 주소는 `Location`에 있습니다.",
        },
        Code::GateLinkOver => Text {
            title: "더 이상 쓸 수 없는 링크",
            message: "이 링크로는 더 이상 입장할 수 없습니다. 대기열에서 순서를 기다려 주세요.",
            page: "사이트 앞의 줄을 건너 몇 사람을 들여보내는 링크입니다. 정해진 횟수만큼 쓰였거나, 끝났거나, 취소되었거나, 링크가 아닙니다. 대기열에 참여하지 않았습니다.",
        },
        Code::AdminUnauthorized => Text {
            title: "관리자 키 필요",
            message: "운영자 키를 보내 주세요.",
            page: "/v1/admin 호출에는 `Authorization: Bearer <키>`가 필요합니다. 관리자 키 또는 삭제되지 않은 운영자 개인 키를 사용할 수 있습니다.",
        },
        Code::CodeRequired => Text {
            title: "코드가 필요합니다",
            message: "참여하려면 코드를 입력해 주세요.",
            page: "지금은 코드 없이 이 대기열에 들어올 수 없습니다. 코드는 본문의 `code`에 넣습니다. 이미 자리가 있는 사람은 코드 없이 그대로 유지됩니다.",
        },
        Code::CodeUnknown => Text {
            title: "알 수 없는 코드입니다",
            message: "등록되지 않은 코드입니다. 철자를 확인해 주세요.",
            page: "이 대기열을 여는 코드가 아닙니다. 없는 코드이거나 다른 대기열의 코드입니다. 대소문자, 공백, 붙임표, 점은 구분하지 않습니다. 참여되지 않았고 사용 횟수도 줄지 않았습니다. 잘못된 코드를 많이 보내면 잠시 기다려야 합니다: `RATE_LIMITED`.",
        },
        Code::CodeNotYet => Text {
            title: "아직 사용할 수 없는 코드입니다",
            message: "아직 사용할 수 없는 코드입니다. 잠시 후 다시 와 주세요.",
            page: "코드는 나중 시각부터 사용할 수 있습니다. `opensAt`이 그 시각을, `Retry-After`가 남은 초를 알려 줍니다. 참여되지 않았고 사용 횟수도 줄지 않았습니다.",
        },
        Code::CodeOver => Text {
            title: "사용 기간이 끝난 코드입니다",
            message: "이 코드의 사용 기간이 끝났습니다.",
            page: "코드 캠페인의 마지막 시각이 지났거나 운영자가 중지했습니다. 참여되지 않았습니다. 이 코드로 이미 참여한 사람의 자리는 유지됩니다.",
        },
        Code::CodeUsedUp => Text {
            title: "이미 사용 중인 코드입니다",
            message: "이미 사용 중인 코드입니다. 사용 중인 사람이 구매하지 않고 나가면 다시 쓸 수 있습니다.",
            page: "코드의 사용 횟수만큼의 사람이 이미 자리나 선점 좌석을 가지고 있거나 구매했습니다. 구매하지 않은 채 자리와 선점이 모두 끝나면 사용 횟수가 돌아옵니다. 참여되지 않았습니다.",
        },
        Code::CampaignNotFound => Text {
            title: "캠페인을 찾을 수 없습니다",
            message: "그런 캠페인이 없습니다.",
            page: "이 이름의 코드 캠페인이 없습니다.",
        },
        Code::CampaignInUse => Text {
            title: "코드가 있는 캠페인입니다",
            message: "이 캠페인에는 이미 코드가 있습니다. 새 캠페인을 만들어 주세요.",
            page: "캠페인의 코드는 그 대기열과 키로 해시되었으므로, 코드가 있는 동안에는 둘 다 바뀌지 않습니다. 아무것도 바뀌지 않았습니다.",
        },
        Code::CodesMissing => Text {
            title: "빠진 코드가 있습니다",
            message: "이 코드들 앞에 빠진 코드가 있습니다.",
            page: "코드는 1부터 빠짐없이 번호가 매겨지는데, `first`가 마지막 번호의 다음보다 큽니다. `detail`이 다음 번호를 알려 줍니다. 아무것도 추가되지 않았습니다.",
        },
        Code::CodeTwice => Text {
            title: "이미 있는 코드입니다",
            message: "이 코드들 가운데 이미 있는 코드가 있습니다.",
            page: "코드가 다른 번호나 같은 대기열의 다른 캠페인에 있거나, 그 번호에 다른 코드가 있습니다. `field`가 어느 것인지 알려 줍니다. 아무것도 추가되지 않았습니다.",
        },
        Code::ExtendOff => Text {
            title: "선점 연장 불가",
            message: "여기서는 선점 시간을 늘릴 수 없습니다. 선점이 끝나기 전에 결제해 주세요.",
            page: "`hold.extend` 설정이 0이므로 아무도 선점을 연장할 수 없습니다. 선점은 만료될 때까지 유지됩니다.",
        },
        Code::ProofRequired => Text {
            title: "확인 계산이 필요합니다",
            message: "참여하기 전에 브라우저가 간단한 확인 계산을 해야 합니다. 페이지를 새로 고친 뒤 다시 시도해 주세요.",
            page: "이 대기열에 참여하려면 먼저 간단한 계산 결과를 보여야 합니다. 천 번 참여하려는 프로그램은 천 번 계산해야 합니다. 풀어야 할 내용은 `proof`에 있으며, 답은 본문의 `proof`에 넣습니다. 참여되지 않았습니다. 이미 자리가 있는 사람은 계산 없이 그대로 유지됩니다. 기기에서 계산할 수 없다면 예매처에 자리를 요청해 주세요.",
        },
        Code::RoleForbidden => Text {
            title: "이 키로는 불가",
            message: "이 운영자 키로는 사용할 수 없는 기능입니다.",
            page: "키의 역할(`GET /v1/admin/whoami`)에 이 호출 권한이 없습니다. 역할별 권한은 docs/admin.md에 있습니다. 변경된 것은 없습니다.",
        },
        Code::WebhookNotFound => Text {
            title: "웹훅 없음",
            message: "해당 번호의 웹훅이 없습니다.",
            page: "이 번호의 웹훅이 없거나 이미 삭제되었습니다. 변경된 것은 없습니다.",
        },
        Code::EventNotSent => Text {
            title: "이 웹훅에 보낸 적 없는 이벤트",
            message: "이 웹훅에 보낸 적이 없는 이벤트입니다.",
            page: "이미 보낸 이벤트만 다시 보낼 수 있습니다. 웹훅의 종류에 속하고 차례가 된 이벤트여야 하며, 수신자가 410으로 답한 웹훅에는 보내지 않습니다. 이유는 `detail`에 있습니다. 보낸 것은 없습니다.",
        },
        Code::OperatorNotFound => Text {
            title: "운영자 없음",
            message: "해당 이름의 운영자 키가 없습니다.",
            page: "이 이름의 운영자 키가 없거나 이미 삭제되었습니다. 변경된 것은 없습니다.",
        },
        Code::LimitReached => Text {
            title: "최대 개수 도달",
            message: "더 이상 만들 수 없습니다. 최대 개수에 도달했습니다.",
            page: "이 항목은 이미 최대 개수만큼 있습니다. 최대 개수는 상세 내용에 있습니다. 변경된 것은 없으며, 삭제할 수 있는 항목이라면 일부를 삭제한 뒤에 다시 요청해야 합니다.",
        },
        Code::OperatorExists => Text {
            title: "이미 있는 운영자",
            message: "같은 이름의 운영자 키가 이미 있습니다.",
            page: "운영자 이름은 중복될 수 없습니다. 기존 키를 먼저 삭제하거나 다른 이름을 사용해 주세요. 변경된 것은 없습니다.",
        },
        Code::LevelTooLow => Text {
            title: "아직 지원하지 않는 기능 수준",
            message: "저장소의 기능 수준이 아직 이 기능을 지원하지 않습니다. docs/upgrade.md를 참고하세요.",
            page: "요청한 기능은 저장소의 현재 기능 수준보다 높은 수준부터 지원합니다. 이전 버전의 노드가 남아 있거나 `store.level_max`가 설정되어 있습니다. 변경된 것은 없으며, 저장소의 수준을 올린 뒤에 다시 요청해야 합니다. `docs/upgrade.md`를 참고하세요.",
        },
        Code::ErasureLoses => Text {
            title: "없어지는 것이 있음",
            message: "이 사람에게 잔액이나 티켓이 있어 삭제하면 없어집니다.",
            page: "삭제할 사람의 지갑에 잔액이 있거나 끝나지 않은 회차의 티켓이 있습니다. `detail`에 얼마인지 나와 있습니다. 먼저 돌려주거나(POST /v1/admin/users/{id}/debit) `force`를 보내 주세요. 삭제된 것은 없습니다.",
        },
        Code::ReferenceReused => Text {
            title: "다른 용도로 쓰인 참조 번호",
            message: "이 참조 번호는 이미 다른 사용자, 금액 또는 방향에 쓰였습니다.",
            page: "입금이나 출금의 참조 번호는 한 사용자, 금액, 방향에만 계속 쓰입니다. 같은 내용으로 다시 보내거나 다른 참조 번호를 사용해 주세요. 변경된 것은 없습니다.",
        },
        Code::InsufficientBalance => Text {
            title: "잔액 부족",
            message: "잔액이 부족합니다. 충전한 뒤 선점 시간이 끝나기 전에 다시 결제해 주세요.",
            page: "지갑의 잔액이 예약 금액이나 운영자가 출금하려는 금액보다 적습니다. 출금되지 않았으며, 좌석 선점은 만료 시각까지 유지됩니다.",
        },
        Code::NotAdmitted => Text {
            title: "아직 입장 전",
            message: "아직 입장 순서가 아닙니다. 대기열에서 기다려 주세요.",
            page: "토큰의 상태가 WAITING이거나, 이 공연의 대기열이 아닌 다른 대기열의 토큰입니다. POST /v1/api/queue/token/check가 PROGRESS가 될 때까지 확인해 주세요.",
        },
        Code::SessionExpired => Text {
            title: "이용 시간 만료",
            message: "이용 시간이 끝났습니다. 대기열에 다시 참여해 주세요.",
            page: "입장 시간이나 대기 자격이 만료되었습니다. 새 토큰은 대기열의 맨 뒤에 서며, 선점한 좌석은 만료 전까지 결제할 수 있습니다.",
        },
        Code::SessionDone => Text {
            title: "이용 종료",
            message: "이용이 종료되었습니다. 더 구매하시려면 대기열에 다시 참여해 주세요.",
            page: "결제를 마쳤거나 대기열을 떠난 토큰입니다. 새 토큰은 대기열의 맨 뒤에 섭니다.",
        },
        Code::EntryTokenOtherUser => Text {
            title: "다른 사용자의 입장 토큰",
            message: "다른 사용자의 입장 정보입니다. 판매처를 통해 다시 입장해 주세요.",
            page: "본문의 `userId`가 입장 토큰의 `sub`와 다릅니다. `userId`는 생략할 수 있습니다. 대기열에 참여하지 않았습니다.",
        },
        Code::EntryTokenOtherQueue => Text {
            title: "다른 대기열의 입장 토큰",
            message: "다른 대기열의 입장 정보입니다. 판매처를 통해 다시 입장해 주세요.",
            page: "입장 토큰의 `queue`가 본문의 대기열과 다릅니다. 대기열에 참여하지 않았습니다.",
        },
        Code::ChargeOff => Text {
            title: "충전할 수 없음",
            message: "여기에서는 지갑을 충전할 수 없습니다.",
            page: "이 서비스는 구매자의 충전을 받지 않습니다. `access.charge`가 `operator`(판매처나 운영자가 입금)이거나 `off`(아무도 입금하지 않음)입니다. 충전되지 않았습니다.",
        },
        Code::ScheduleNotFound => Text {
            title: "없는 일정",
            message: "일정을 찾을 수 없습니다. 목록에서 다시 선택해 주세요.",
            page: "해당 id의 일정이 없습니다. GET /v1/api/concerts/schedule에서 토큰의 대기열에 속한 일정을 볼 수 있습니다.",
        },
        Code::SeatNotFound => Text {
            title: "없는 좌석",
            message: "좌석을 찾을 수 없습니다. 목록에서 다시 선택해 주세요.",
            page: "해당 일정에 이 id의 좌석이 없습니다. GET /v1/api/concerts/seat에서 좌석을 볼 수 있습니다.",
        },
        Code::ReservationNotFound => Text {
            title: "없는 예약",
            message: "예약을 찾을 수 없습니다. 내 예약을 확인해 주세요.",
            page: "이 사용자에게 해당 id의 예약이 없습니다. GET /v1/api/user/reservations에서 본인의 예약을 볼 수 있습니다.",
        },
        Code::QueueNotFound => Text {
            title: "없는 대기열",
            message: "대기열을 찾을 수 없습니다. 이름을 확인해 주세요.",
            page: "해당 이름의 대기열이 없습니다. GET /v1/catalog에서 공연별 대기열을 볼 수 있습니다.",
        },
        Code::UserNotFound => Text {
            title: "찾을 수 없는 사용자",
            message: "그 이름으로 알려진 사용자가 없습니다.",
            page: "이 subject와 issuer의 입장 토큰으로 대기열에 참여한 적이 없거나, 참여한 사람이 삭제되었습니다. 이름은 해시로만 보관되므로 한 글자도 달라서는 안 됩니다.",
        },
        Code::NotFound => Text {
            title: "찾을 수 없음",
            message: "이 주소에는 아무것도 없습니다. 주소를 확인해 주세요.",
            page: "해당 경로가 없습니다. /docs에서 제공하는 경로를 볼 수 있습니다.",
        },
        Code::MethodNotAllowed => Text {
            title: "허용되지 않는 메서드",
            message: "이 주소에서 쓸 수 없는 메서드입니다. 호출을 확인해 주세요.",
            page: "경로는 있지만 이 메서드는 쓸 수 없습니다. 가능한 메서드는 `Allow` 헤더에 있습니다.",
        },
        Code::PayloadTooLarge => Text {
            title: "너무 큰 본문",
            message: "요청이 너무 큽니다. 줄여서 보내 주세요.",
            page: "본문이 이 호출의 한도보다 큽니다. 여덟 개의 기본 호출은 16 KiB까지 받습니다.",
        },
        Code::UnsupportedMediaType => Text {
            title: "JSON이 아님",
            message: "요청은 JSON이어야 합니다. Content-Type을 application/json으로 보내 주세요.",
            page: "Content-Type이 JSON이 아닙니다. 헤더를 빼거나 application/json으로 보내 주세요.",
        },
        Code::SeatNotAvailable => Text {
            title: "이미 선택된 좌석",
            message: "다른 분이 선택한 좌석입니다. 다른 좌석을 선택해 주세요.",
            page: "선점되었거나 판매되었거나 주최 측이 보류한 좌석입니다. 선점이 만료되거나 취소되면 다시 선택할 수 있습니다.",
        },
        Code::SeatsTooFew => Text {
            title: "남은 좌석 부족",
            message: "남은 좌석이 부족합니다. 매수를 줄이거나 다른 구역을 선택해 주세요.",
            page: "지정한 구역에, 구역을 지정하지 않았다면 이 일정 전체에 남은 좌석이 요청한 매수보다 적습니다. 선점된 좌석은 없습니다. 다른 분이 선점한 좌석은 만료되면 다시 풀립니다.",
        },
        Code::AreaTooFew => Text {
            title: "남은 스탠딩 부족",
            message: "이 스탠딩 구역에 남은 자리가 부족합니다. 매수를 줄이거나 다른 구역을 선택해 주세요.",
            page: "스탠딩 구역에 남은 자리가 요청한 매수보다 적습니다. `areas`에 그런 구역과 남은 수(`left`)가 있습니다. 선점된 좌석은 없습니다. 다른 분이 선점한 자리는 만료되면 다시 풀립니다.",
        },
        Code::SeatsNotTogether => Text {
            title: "연석 없음",
            message: "나란히 붙은 좌석이 부족합니다. 매수를 줄이거나 떨어진 좌석을 선택해 주세요.",
            page: "남은 좌석은 충분하지만 요청한 매수만큼 나란히 붙은 좌석이 없습니다. 선점된 좌석은 없습니다. `together`를 `preferred`로 보내면 떨어진 좌석도 되도록 적은 묶음으로 선점합니다.",
        },
        Code::AreaPriceNotOffered => Text {
            title: "구역에서 판매하지 않는 가격",
            message: "이 스탠딩 구역은 선택하신 가격으로 판매하지 않습니다. 다른 가격이나 다른 구역을 선택해 주세요.",
            page: "스탠딩 구역마다 일정의 가격 종류 가운데 일부에만 가격이 있으며, 이 구역에는 요청한 `priceType`의 가격이 없습니다. `areas`에 그런 구역과 남은 수(`left`)가 있습니다. 선점된 좌석은 없습니다. 일정의 가격 종류와 구역의 `prices`는 `GET /v1/catalog`에 있습니다.",
        },
        Code::PriceTypeNotOffered => Text {
            title: "판매하지 않는 가격",
            message: "이 좌석은 선택하신 가격으로 판매하지 않습니다. 다른 가격이나 다른 좌석을 선택해 주세요.",
            page: "좌석마다 일정의 가격 종류 가운데 일부에만 가격이 있으며, 이 좌석에는 요청한 `priceType`의 가격이 없습니다. 해당 좌석은 `seatIds`에 있습니다. 선점된 좌석은 없습니다. 좌석별 가격은 `GET /v1/api/concerts/seat`, 일정의 가격 종류는 `GET /v1/catalog`에 있습니다.",
        },
        Code::WheelchairPlace => Text {
            title: "휠체어석",
            message: "휠체어를 이용하시는 분을 위한 자리입니다. 필요하지 않으시면 다른 좌석을 선택해 주세요.",
            page: "카탈로그가 정한 때까지 휠체어석은 휠체어석임을 밝힌 요청에만 판매합니다. `seats`의 좌석이나 `best`에 `accessible`을 보내면 됩니다. 해당 좌석은 `seatIds`에 있습니다. 선점된 좌석은 없습니다.",
        },
        Code::NotWheelchairPlace => Text {
            title: "휠체어석 아님",
            message: "휠체어석이 아닙니다. 휠체어석을 선택해 주세요.",
            page: "`accessible`로 요청했지만 카탈로그에는 일반 좌석으로 등록된 좌석입니다. 해당 좌석은 `seatIds`에 있습니다. 선점된 좌석은 없습니다.",
        },
        Code::CompanionSeat => Text {
            title: "동반자석",
            message: "옆 휠체어석을 이용하시는 분의 동반자를 위한 좌석입니다. 두 자리를 함께 선택하시거나 다른 좌석을 선택해 주세요.",
            page: "카탈로그가 정한 때까지 동반자석은 옆의 휠체어석과 함께 한 번에 선점할 때만 판매합니다. 해당 좌석은 `seatIds`에 있습니다. 선점된 좌석은 없습니다.",
        },
        Code::SeatNotWithheld => Text {
            title: "보류되지 않은 좌석",
            message: "판매 보류 상태가 아닌 좌석이 있습니다. 좌석을 다시 확인해 주세요.",
            page: "판매 보류 상태가 아닌 좌석을 다시 판매하려 했습니다. 해당 좌석은 `seatIds`에 있습니다. 아무것도 변경되지 않았습니다.",
        },
        Code::SeatLeftAlone => Text {
            title: "한 자리만 남는 선택",
            message: "이대로 선택하시면 한 자리만 따로 남습니다. 그 좌석도 함께 선택하시거나 옆으로 한 칸 옮겨 주세요.",
            page: "이 일정은 같은 구역에서 같은 매수를 한 자리도 따로 남기지 않고 선택할 수 있으면, 양옆이 모두 찬 빈 좌석을 남기는 선점을 받지 않습니다. 따로 남는 좌석은 `seatIds`에 있습니다. 선점된 좌석은 없습니다.",
        },
        Code::SoldOut => Text {
            title: "매진",
            message: "매진되었습니다. 다른 일정을 선택하시거나 나중에 다시 확인해 주세요.",
            page: "이 일정에 선택할 수 있는 좌석이 없습니다. 선점된 좌석은 만료되면 다시 풀립니다.",
        },
        Code::AlreadyPaid => Text {
            title: "이미 결제됨",
            message: "이미 결제된 예약입니다. 더 하실 일은 없습니다.",
            page: "이전에 결제된 예약입니다. 이번 요청으로는 출금되지 않았습니다.",
        },
        Code::NotPaid => Text {
            title: "결제되지 않은 예약",
            message: "결제되지 않은 예약이어서 티켓이 없습니다.",
            page: "티켓은 결제된 좌석에만 발급됩니다. 이 예약은 선점 중이거나 이미 끝났습니다. 변경된 것은 없습니다.",
        },
        Code::HoldExtended => Text {
            title: "이미 연장한 선점",
            message: "이 좌석의 선점 시간은 이미 늘리셨습니다. 선점이 끝나기 전에 결제해 주세요.",
            page: "선점은 한 번만 연장할 수 있습니다. 반납한 좌석을 다시 선점한 경우에도 함께 셉니다.",
        },
        Code::OthersWait => Text {
            title: "대기 중인 사용자 있음",
            message: "다른 분들이 좌석을 기다리고 있어 시간을 늘릴 수 없습니다. 선점이 끝나기 전에 결제해 주세요.",
            page: "공연의 대기열에 기다리는 사람이 없을 때만 선점을 연장할 수 있습니다. 선점은 만료될 때까지 유지됩니다.",
        },
        Code::HoldLimitReached => Text {
            title: "선점 한도 도달",
            message: "한 번에 선점할 수 있는 매수를 넘습니다. 더 적게 선택하시거나, 이미 선점한 좌석을 시간이 지나기 전에 결제한 뒤 더 선택해 주세요.",
            page: "이 좌석들을 더하면 이 일정의 사용자당 선점 한도(`hold.limit_per_user`)를 넘습니다. 더 적게 요청하거나, 선점한 좌석을 결제하거나 반납하세요. 선점된 좌석은 없습니다.",
        },
        Code::SeatLimitReached => Text {
            title: "구매 한도 도달",
            message: "한 분이 가질 수 있는 매수(선점과 결제를 합친 수)를 넘습니다. 아직 남은 매수가 있으면 더 적게 선택해 주세요.",
            page: "이 좌석들을 더하면 선점과 결제를 합쳐 이 일정 또는 공연의 사용자당 한도(`limit.seats_per_user`, `limit.seats_per_user_per_concert`)를 넘습니다.",
        },
        Code::ReservationCancelled => Text {
            title: "취소된 예약",
            message: "취소된 예약입니다. 좌석을 다시 선택해 주세요.",
            page: "예약한 사용자가 취소한 예약이므로 결제할 수 없습니다.",
        },
        Code::QueueClosed => Text {
            title: "대기열 마감",
            message: "지금은 대기열에 참여할 수 없습니다. 나중에 다시 방문해 주세요.",
            page: "판매가 아직 시작되지 않았거나 끝나서 대기열이 닫혀 있습니다.",
        },
        Code::QueueNotYetOpen => Text {
            title: "대기열 시작 전",
            message: "아직 대기열이 열리지 않았습니다. 시작 시각에 다시 방문해 주세요.",
            page: "대기열은 아직 오지 않은 시각부터 참여를 받습니다. `opensAt`에 그 시각이, `Retry-After`에 남은 초가 있습니다. 더 일찍 요청해도 유리하지 않습니다.",
        },
        Code::QueueOver => Text {
            title: "대기열 종료",
            message: "대기열이 종료되었습니다.",
            page: "대기열의 종료 시각이 지났습니다. 더 이상 참여할 수 없으며, 그때까지 기다리던 순번은 사라집니다. 이미 입장한 사람은 계속할 수 있습니다.",
        },
        Code::QueueInUse => Text {
            title: "사용 중인 대기열",
            message: "대기 중인 사람이 있어 순서 방식을 바꿀 수 없습니다.",
            page: "대기열의 순서 방식(`order`)은 기다리는 사람이 없을 때만 바꿀 수 있습니다. 누구의 순번도 바뀌지 않습니다.",
        },
        Code::DrawNotFound => Text {
            title: "추첨 없음",
            message: "이 대기열에는 추첨이 없거나 이미 끝났습니다.",
            page: "이 대기열의 순번은 추첨이 아니라 참여 순서로 정해지거나, 이미 끝난 추첨에 값을 더하려 했습니다.",
        },
        Code::DrawNotYet => Text {
            title: "추첨 전",
            message: "순번은 대기열이 열릴 때 추첨합니다.",
            page: "추첨에 참여한 목록은 대기열이 열린 뒤 시드와 함께 공개됩니다.",
        },
        Code::BeaconGiven => Text {
            title: "이미 정해진 값",
            message: "이 추첨에 더할 값은 이미 정해져 바꿀 수 없습니다.",
            page: "추첨에 더하는 값(`beacon`)은 한 번만 정할 수 있습니다. 원하는 결과가 나올 때까지 바꿔 보는 일을 막기 위해서입니다.",
        },
        Code::SaleClosed => Text {
            title: "판매 종료",
            message: "이 일정은 판매하지 않습니다. 다른 일정을 선택해 주세요.",
            page: "판매 중이 아니거나 판매가 끝난 일정입니다.",
        },
        Code::SaleNotYetOpen => Text {
            title: "판매 시작 전",
            message: "이 공연의 판매가 아직 시작되지 않았습니다. 판매 시작 시각에 다시 방문해 주세요.",
            page: "좌석은 아직 오지 않은 시각부터 판매됩니다. `opensAt`에 그 시각이, `Retry-After`에 남은 초가 있습니다.",
        },
        Code::SaleOver => Text {
            title: "판매 종료",
            message: "이 공연의 판매가 종료되었습니다. 다른 날짜를 선택해 주세요.",
            page: "좌석 판매 종료 시각이 지났습니다. 이미 선점한 좌석은 결제할 수 있습니다.",
        },
        Code::CatalogInUse => Text {
            title: "사용 중",
            message: "선점되었거나 판매된 항목은 삭제할 수 없습니다. 목록을 고친 뒤 다시 게시해 주세요.",
            page: "선점되었거나 판매된 좌석은 삭제하거나 가격을 바꿀 수 없습니다. 아무것도 변경되지 않았습니다.",
        },
        Code::ScheduleInUse => Text {
            title: "사용 중인 일정",
            message: "이 날짜에는 선점되었거나 판매된 좌석이 있어 삭제할 수 없습니다.",
            page: "선점되었거나 판매된 좌석이 있는 일정은 삭제되지 않습니다. 아무것도 변경되지 않았습니다. `closed`로 판매를 멈출 수 있습니다.",
        },
        Code::FeedOtherHistory => Text {
            title: "다른 이력의 위치",
            message: "이 저장소에는 그런 이벤트가 없었습니다.",
            page: "저장소가 읽으신 것보다 오래된 사본으로 복원되었거나 다른 저장소입니다. 보관하신 내용은 실제로 없었던 일일 수 있습니다. 버리고 after 없이 처음부터 다시 읽어 주세요.",
        },
        Code::FeedTrimmed => Text {
            title: "더 이상 보관되지 않음",
            message: "이어지는 이벤트는 더 이상 보관되지 않습니다.",
            page: "이벤트는 feed.keep 동안 보관됩니다. 요청하신 위치 다음의 이벤트가 지워져서 계속 읽으면 빠지는 것이 생깁니다. 현재 상태를 가져온 뒤 after 없이 처음부터 읽어 주세요.",
        },
        Code::HoldExpired => Text {
            title: "선점 만료",
            message: "좌석 선점 시간이 끝났습니다. 좌석을 다시 선택해 주세요.",
            page: "결제 전에 선점이 만료되었습니다. 출금되지 않았으며, 좌석은 다시 판매됩니다.",
        },
        Code::IdempotencyKeyReused => Text {
            title: "멱등 키 재사용",
            message: "다른 요청에 쓰인 키입니다. 새 키로 보내 주세요.",
            page: "이 Idempotency-Key는 이전에 다른 요청과 함께 쓰였습니다. 요청마다 새 키를 사용해 주세요.",
        },
        Code::RateLimited => Text {
            title: "요청 속도 제한",
            message: "짧은 시간에 요청이 너무 많았습니다. 잠시 후 다시 시도해 주세요.",
            page: "이 클라이언트 또는 사용자가 운영자가 허용한 것보다 자주 요청을 보냈거나, 이 클라이언트가 없는 운영자 키를 너무 많이 보냈습니다. 아무것도 처리되지 않았고 대기 순서는 그대로이며, `Retry-After` 이후 다시 시도해 주세요.",
        },
        Code::TooManyRequests => Text {
            title: "너무 많은 요청",
            message: "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
            page: "요청 수 또는 유효한 Idempotency-Key 수의 한도에 도달했습니다. 아무것도 처리되지 않았으며, `Retry-After` 이후 다시 시도해 주세요.",
        },
        Code::Overloaded => Text {
            title: "과부하",
            message: "서비스가 매우 혼잡합니다. 잠시 후 다시 시도해 주세요.",
            page: "서버가 한도에 도달하여 요청을 받지 않았습니다. 아무것도 처리되지 않았으며, `Retry-After` 이후 다시 시도해 주세요.",
        },
        Code::Unavailable => Text {
            title: "이용 불가",
            message: "지금은 서비스를 이용할 수 없습니다. 잠시 후 다시 시도해 주세요.",
            page: "시작 중이거나 종료 중이거나 저장 공간이 없는 등의 이유로 처리할 수 없습니다. 아무것도 처리되지 않았습니다.",
        },
        Code::OutcomeUnknown => Text {
            title: "결과 확인 불가",
            message: "결과를 확인하지 못했습니다. 같은 키로 다시 시도하거나 내 예약을 확인해 주세요.",
            page: "요청이 기록 단계에 도달했지만 반영 여부를 알 수 없습니다. 같은 Idempotency-Key로 다시 보내면 한 번만 처리됩니다.",
        },
    }
}
