API={{origin}}/v1/api
post() { curl -sS -H "Authorization: $TOKEN" -H "Content-Type: application/json" -d "$2" "$API/$1"; }
get() { curl -sS -H "Authorization: $TOKEN" "$API/$1"; }
pick() { tr '{' '\n' | grep "$2" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }

TOKEN=$(post queue/token "{\"userId\":$(date +%s)}" | grep -o '"queueToken":"[^"]*"' | cut -d'"' -f4)
until post queue/token/check '' | grep -q PROGRESS; do echo "waiting"; sleep 2; done
DATE=$(get concerts/schedule | pick scheduleId AVAILABLE)
SEAT=$(get "concerts/seat?scheduleId=$DATE" | pick seatId AVAILABLE)
HELD=$(post concerts/reserve "{\"scheduleId\":$DATE,\"seatId\":$SEAT}")
post user/amount "{\"amount\":$(echo "$HELD" | pick amount .)}"; echo
post concerts/payment "{\"reservationId\":$(echo "$HELD" | pick reservationId .)}"; echo
get user/tickets; echo
